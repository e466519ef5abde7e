package io.leakwatch.heap;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * A census as numbers in one array: three of them are kept of each process that is watched, and as
 * objects they would take twice the room. Unchangeable.
 */
public final class SizeClasses extends AbstractList<SizeClass> implements RandomAccess {
  private static final int FIGURES = 3;

  private final long[] figures;

  private SizeClasses(long[] figures) {
    this.figures = figures;
  }

  public static List<SizeClass> of(List<SizeClass> sizes) {
    long[] figures = new long[FIGURES * sizes.size()];
    int at = 0;
    for (SizeClass size : sizes) {
      figures[at++] = size.chunkBytes();
      figures[at++] = size.count();
      figures[at++] = size.bytes();
    }
    return new SizeClasses(figures);
  }

  @Override
  public SizeClass get(int index) {
    int at = FIGURES * index;
    return new SizeClass(figures[at], figures[at + 1], figures[at + 2]);
  }

  @Override
  public int size() {
    return figures.length / FIGURES;
  }
}
