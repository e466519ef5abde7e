package io.leakwatch.heap.ptmalloc;

import io.leakwatch.harness.CTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a target's own {@code malloc_info} says, arena by arena. Its free figure counts each free
 * chunk's PREV_INUSE bit as a byte, in all versions; {@link Heap#freeBytes} takes that off again,
 * counting the chunks.
 */
public record MallocInfo(List<Heap> heaps, long mmapCount, long mmapBytes) {

  /**
   * One arena.
   *
   * @param restBytes bins, and the top since 2.31, one byte too many per free chunk
   */
  public record Heap(long fastBytes, long restCount, long restBytes, long systemBytes) {}

  private static final Pattern ATTRIBUTE = Pattern.compile("(\\w+)=\"(\\w+)\"");

  /** Asks a {@code heaptruth} target, which stays quiet afterwards. */
  static MallocInfo ask(CTarget target) {
    target.send("info");
    return read(target::readLine);
  }

  /** Takes the lines up to {@code done}. */
  public static MallocInfo read(Supplier<String> lines) {
    List<Heap> heaps = new ArrayList<>();
    long mmapCount = 0;
    long mmapBytes = 0;
    long fast = 0;
    long restCount = 0;
    long rest = 0;
    boolean inHeap = false;
    String line = lines.get();
    while (!line.startsWith("done")) {
      if (line.startsWith("<heap")) {
        inHeap = true;
      } else if (line.startsWith("</heap")) {
        inHeap = false;
      } else if (line.contains("type=\"fast\"") && inHeap) {
        fast = attribute(line, "size");
      } else if (line.contains("type=\"rest\"") && inHeap) {
        restCount = attribute(line, "count");
        rest = attribute(line, "size");
      } else if (line.startsWith("<system type=\"current\"") && inHeap) {
        heaps.add(new Heap(fast, restCount, rest, attribute(line, "size")));
      } else if (line.contains("type=\"mmap\"")) {
        mmapCount = attribute(line, "count");
        mmapBytes = attribute(line, "size");
      }
      line = lines.get();
    }
    return new MallocInfo(heaps, mmapCount, mmapBytes);
  }

  private static long attribute(String line, String name) {
    Matcher matcher = ATTRIBUTE.matcher(line);
    while (matcher.find()) {
      if (matcher.group(1).equals(name)) {
        return Long.parseLong(matcher.group(2));
      }
    }
    throw new IllegalStateException("no " + name + " in " + line);
  }
}
