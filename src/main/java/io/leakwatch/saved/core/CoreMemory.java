package io.leakwatch.saved.core;

import io.leakwatch.os.PageSize;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.proc.memory.Residency;
import io.leakwatch.program.GivenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a process as a core file holds it: present are the pages with something in them.
 * For one thread.
 */
final class CoreMemory implements ProcessMemory {
  private static final int PAGE_BYTES = PageSize.BYTES;

  private final CoreFile core;
  private final List<CoreSegment> segments;
  private final Presence presence;
  private final ByteBuffer word = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
  private String problem = "";

  CoreMemory(CoreFile core) {
    this.core = core;
    this.segments = core.segments().stream().filter(s -> s.start() >= 0).toList();
    this.presence = new Presence(core, segments);
  }

  /** The last segment that begins at or before an address, -1 where none does. */
  private int lastBefore(long address) {
    int low = 0;
    int high = segments.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (segments.get(middle).start() <= address) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  @Override
  public int read(long address, ByteBuffer into) {
    return read(address, into, true);
  }

  @Override
  public int readPresent(long address, ByteBuffer into) {
    return read(address, into, false);
  }

  private int read(long address, ByteBuffer into, boolean onlyPresent) {
    int limit = into.limit();
    int total = 0;
    try {
      while (into.position() < limit) {
        long at = address + total;
        int segment = lastBefore(at);
        long there = segment < 0 ? 0 : readable(segment, at, limit - into.position(), onlyPresent);
        if (there == 0) {
          break;
        }
        CoreSegment from = segments.get(segment);
        into.limit(into.position() + (int) there);
        int got = core.read(from.offset() + at - from.start(), into);
        total += got;
        if (got < there) {
          break;
        }
      }
      return total;
    } catch (IOException e) {
      fail(e);
      return total > 0 ? total : DENIED;
    } finally {
      into.limit(limit);
    }
  }

  /** How many of so many bytes from an address on lie in a segment and can be read. */
  private long readable(int segment, long address, long wanted, boolean onlyPresent)
      throws IOException {
    CoreSegment in = segments.get(segment);
    long from = address - in.start();
    long most = Math.min(wanted, in.heldBytes() - from);
    if (most <= 0 || !onlyPresent) {
      return Math.max(0, most);
    }
    long page = from / PAGE_BYTES;
    long last = (from + most - 1) / PAGE_BYTES;
    while (page <= last && presence.isPresent(segment, page)) {
      page++;
    }
    return Math.max(0, Math.min(most, page * PAGE_BYTES - from));
  }

  @Override
  public OptionalLong readLong(long address) {
    word.clear();
    return read(address, word) == Long.BYTES
        ? OptionalLong.of(word.getLong(0))
        : OptionalLong.empty();
  }

  @Override
  public int readPresent(long[] addresses, int[] lengths, int count, ByteBuffer into) {
    int limit = into.limit();
    int total = 0;
    for (int i = 0; i < count; i++) {
      into.limit(Math.min(limit, into.position() + lengths[i]));
      int got = readPresent(addresses[i], into);
      into.limit(limit);
      if (got < 0) {
        return total > 0 ? total : got;
      }
      total += got;
      if (got < lengths[i]) {
        break;
      }
    }
    return total;
  }

  /** Receives runs of pages in address order. */
  private interface Receiver {
    void run(long start, long end, boolean present);
  }

  @Override
  public Outcome<Residency> residency(long start, long end, Residency into, ReadMeter meter) {
    into.clear();
    return walk(
            start,
            end,
            (from, to, present) -> {
              if (present) {
                into.addPresent(from, to);
              } else {
                into.addZeroPages(to - from);
              }
            })
        .map(done -> into);
  }

  @Override
  public Outcome<Long> presentBytes(long start, long end, ReadMeter meter) {
    long[] sum = new long[1];
    return walk(start, end, (from, to, present) -> sum[0] += present ? to - from : 0)
        .map(done -> sum[0]);
  }

  private Outcome<Boolean> walk(long start, long end, Receiver receiver) {
    long from = start & -PAGE_BYTES;
    long to = end + PAGE_BYTES - 1 & -PAGE_BYTES;
    try {
      for (int s = Math.max(0, lastBefore(from)); s < segments.size(); s++) {
        CoreSegment segment = segments.get(s);
        if (segment.start() >= to) {
          break;
        }
        long page = (Math.max(from, segment.start()) - segment.start()) / PAGE_BYTES;
        long stop = Math.min(to - segment.start(), segment.heldBytes()) / PAGE_BYTES;
        while (page < stop) {
          boolean present = presence.isPresent(s, page);
          long next = page + 1;
          while (next < stop && presence.isPresent(s, next) == present) {
            next++;
          }
          receiver.run(
              segment.start() + page * PAGE_BYTES, segment.start() + next * PAGE_BYTES, present);
          page = next;
        }
      }
      return Outcome.sampled(true);
    } catch (IOException e) {
      return Outcome.unable(fail(e));
    }
  }

  private String fail(IOException e) {
    problem = core.path() + " cannot be read any more: " + GivenFile.why(e);
    return problem;
  }

  @Override
  public Outcome<Boolean> access() {
    return problem.isEmpty() ? Outcome.sampled(true) : Outcome.unable(problem);
  }

  /** Bytes at an address, zeros among them; null where the core does not hold all of them. */
  byte @Nullable [] held(long address, int count) {
    ByteBuffer into = ByteBuffer.allocate(count);
    return readPresent(address, into) == count ? into.array() : null;
  }
}
