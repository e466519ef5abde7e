package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.WalkWindow;

/**
 * Goes from object to object through spaces that survived collections. Between two collections
 * nothing in them moves. An object of a class that is not readable ends its space: a dead object
 * whose class was unloaded, or memory that changed under the walk.
 */
final class ObjectWalk {
  private static final long OBJECTS_MAX = 1L << 33;

  private final ClassTable classes;
  private final ObjectLayout layout;
  private final ObjectFields fields;
  private final TargetWords words;
  private final WalkWindow window;
  private final SizeCensus census;
  private final ObjectVisitor visitor;
  private final long[] header = new long[ObjectLayout.HEADER_WORDS];
  private long objects;
  private long wholeBytes;
  private long passedBytes;

  ObjectWalk(
      TargetWords words,
      ClassTable classes,
      ObjectLayout layout,
      ObjectFields fields,
      WalkWindow window,
      SizeCensus census,
      ObjectVisitor visitor) {
    this.classes = classes;
    this.layout = layout;
    this.fields = fields;
    this.words = words;
    this.window = window;
    this.census = census;
    this.visitor = visitor;
  }

  /** Counts the objects of a space up to its top; of a humongous one the only one. */
  void walk(Space space, long heapEnd) {
    window.drop();
    long at = space.bottom();
    if (space.kind() == Space.Kind.HUMONGOUS) {
      wholeBytes += space.usedBytes();
      passedBytes += next(at, heapEnd) > at ? space.usedBytes() : 0;
    } else {
      wholeBytes += space.usedBytes();
      while (at < space.top() && objects < OBJECTS_MAX) {
        long next = next(at, space.top());
        if (next <= at) {
          break;
        }
        at = next;
      }
      passedBytes += Math.min(at, space.top()) - space.bottom();
    }
    classes.classes().forEach(JavaClass::endRegion);
  }

  /** Counts an object; where the next one starts, or the same address where none can be told. */
  private long next(long at, long end) {
    if (!readHeader(at, end)) {
      return at;
    }
    JavaClass found = classes.find(layout.klass(header));
    if (found == null) {
      return at;
    }
    long bytes = layout.aligned(bytes(found, at));
    if (bytes <= 0 || bytes > end - at) {
      return at;
    }
    objects++;
    if (!found.isFiller()) {
      found.count(bytes);
      fields.note(found, at);
      census.add(bytes);
      visitor.object(at, bytes, true);
    }
    return at + bytes;
  }

  /** From the window, or what is not present from the file of an archive. */
  private boolean readHeader(long at, long end) {
    if (window.holds(at) || window.load(at, end)) {
      header[0] = window.word(at);
      header[1] = window.word(at + 8);
      header[2] = window.holds(at + 8) ? window.word(at + 16) : words.word(at + 16);
      return true;
    }
    header[1] = 0;
    header[2] = 0;
    int count = (int) Math.min(header.length, (end - at) >>> 3);
    return count > 0 && words.read(at, header, count);
  }

  private long bytes(JavaClass found, long at) {
    return switch (found.sizing()) {
      case INSTANCE -> found.instanceBytes();
      case ARRAY -> found.arrayBytes(layout.length(header));
      case MIRROR -> fields.mirrorBytes(at);
      case STACK_CHUNK -> fields.stackChunkBytes(at, found);
    };
  }

  /** Bytes of the spaces that were walked. */
  long wholeBytes() {
    return wholeBytes;
  }

  /** Those of them that were understood. */
  long passedBytes() {
    return passedBytes;
  }
}
