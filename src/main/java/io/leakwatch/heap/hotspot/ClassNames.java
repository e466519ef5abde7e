package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.ObjectNames;
import org.jspecify.annotations.Nullable;

/** Names the objects of a Java heap by their classes, from their headers. To be closed. */
public final class ClassNames implements ObjectNames, AutoCloseable {
  private final TargetWords words;
  private final ObjectLayout layout;
  private final ClassTable classes;

  ClassNames(VmStructs structs, JvmFlags flags, TargetWords words) {
    this.words = words;
    this.layout = new ObjectLayout(structs, flags, words);
    this.classes = new ClassTable(structs, words);
  }

  @Override
  public @Nullable String of(long address, long bytes, long[] header, int count) {
    if (count < 2 || !classes.isKnown()) {
      return null;
    }
    JavaClass found = classes.find(layout.klass(header));
    return found == null ? null : found.name();
  }

  @Override
  public void close() {
    words.close();
  }
}
