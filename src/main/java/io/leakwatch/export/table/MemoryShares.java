package io.leakwatch.export.table;

import io.leakwatch.export.ProcessView;
import io.leakwatch.export.RssBalance;
import io.leakwatch.heap.Balance;
import io.leakwatch.region.Layout;
import java.util.EnumMap;
import java.util.Map;

/**
 * What a process' resident memory is spent on, as the parts of one bar.
 *
 * @param bytes of each part that has any; none where that is not known
 */
public record MemoryShares(Map<Part, Long> bytes) {
  public static final MemoryShares UNKNOWN = new MemoryShares(Map.of());

  /** A part, with its letter where there are no colours, and its colour by ECMA-48. */
  enum Part {
    LIVE("live", 'L', "34"),
    GARBAGE("garbage", 'G', "35"),
    CACHES("caches", 'C', "36"),
    PINNED("pinned", 'P', "31"),
    KEPT("kept", 'K', "33"),
    STACKS("stacks", 'S', "32"),
    FILES("files", 'F', "37"),
    OTHER("other", 'O', "90"),
    UNEXPLAINED("unexplained", '?', "95");

    final String words;
    final char letter;
    final String colour;

    Part(String words, char letter, String colour) {
      this.words = words;
      this.letter = letter;
      this.colour = colour;
    }
  }

  public MemoryShares {
    bytes = Map.copyOf(bytes);
  }

  /** Those of a process that is watched from here. */
  static MemoryShares of(ProcessView view) {
    Layout layout = view.memory().layout();
    if (layout == null) {
      return UNKNOWN;
    }
    RssBalance balance = RssBalance.of(layout, view.heaps().owners());
    Sum sum = new Sum();
    Balance.Part.all().forEach(part -> sum.add(part, balance.bytes(part)));
    sum.add(Part.OTHER, balance.mappedBytes());
    sum.add(Part.FILES, balance.fileBytes() + balance.sharedBytes());
    sum.add(Part.UNEXPLAINED, balance.unexplainedBytes());
    return sum.shares();
  }

  /** Adds parts up. */
  static final class Sum {
    private final Map<Part, Long> bytes = new EnumMap<>(Part.class);

    void add(Part part, long more) {
      if (more > 0) {
        bytes.merge(part, more, Long::sum);
      }
    }

    /** Adds what an owner spends its memory on; what no memory stands behind is none. */
    void add(Balance.Part part, long more) {
      if (part.isResident()) {
        add(
            switch (part) {
              case LIVE -> Part.LIVE;
              case GARBAGE -> Part.GARBAGE;
              case CACHED -> Part.CACHES;
              case PINNED -> Part.PINNED;
              case KEPT -> Part.KEPT;
              case STACK -> Part.STACKS;
              default -> Part.OTHER;
            },
            more);
      }
    }

    MemoryShares shares() {
      return new MemoryShares(bytes);
    }
  }

  boolean isKnown() {
    return !bytes.isEmpty();
  }

  long of(Part part) {
    return bytes.getOrDefault(part, 0L);
  }

  double share(Part part) {
    return (double) of(part) / Math.max(1, all());
  }

  private long all() {
    return bytes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many of so many columns each part has; a part ends where its bytes end. */
  Map<Part, Integer> columns(int columns) {
    Map<Part, Integer> widths = new EnumMap<>(Part.class);
    double all = Math.max(1, all());
    double end = 0;
    int taken = 0;
    for (Part part : Part.values()) {
      end += of(part);
      int until = isKnown() ? (int) Math.round(end / all * columns) : 0;
      if (until > taken) {
        widths.put(part, until - taken);
        taken = until;
      }
    }
    return widths;
  }
}
