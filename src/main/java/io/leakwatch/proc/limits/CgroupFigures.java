package io.leakwatch.proc.limits;

import io.leakwatch.proc.file.KeptFile;
import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.text.Quantity;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What cgroups allow and what counts against it, for all processes of a node: the ancestors of one
 * are mostly those of others, and reading memory.stat makes the kernel sum up the whole subtree, so
 * a cgroup is read once for all that read it within half a second.
 *
 * <p>The usage of a memory cgroup holds page cache that the kernel drops before it kills or
 * throttles: the clean part of both file lists, which lazily freed pages are on too, and, where
 * memory.stat tells it (v2), slab memory that can be reclaimed. What it cannot drop without writing
 * it somewhere counts: dirty pages and those under write-back, shared memory and tmpfs (which are
 * on the anonymous lists, mapped or not), locked pages. A v1 kernel before 4.2 does not tell what
 * is dirty; there all of both lists is taken for clean.
 *
 * <p>Shared memory that no process maps (a memfd behind a descriptor, files of a tmpfs) is in no
 * process' figures. What is mapped of all files and of shared memory is one figure, so shared
 * memory beyond it is mapped by nobody: that is the least it can be.
 *
 * <p>Files stay open, of a bounded number of cgroups; those of a cgroup that nobody asks for any
 * more, because it was removed, are closed after a while. For any thread.
 */
public final class CgroupFigures {
  private static final long FRESH_NANOS = 500_000_000;
  private static final long IDLE_NANOS = 600_000_000_000L;

  /** Of one to four files each. */
  private static final int CGROUPS_MAX = 512;

  private static final int TEXT_BYTES = 16 * 1024;

  private final Map<Key, Cgroup> known = new LinkedHashMap<>(16, 0.75f, true);
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(TEXT_BYTES);
  private final byte[] text = new byte[TEXT_BYTES];

  /** Which files say what is allowed and used. */
  enum Controller {
    MEMORY("memory.current", Limit.Unit.BYTES),
    MEMORY_V1("memory.usage_in_bytes", Limit.Unit.BYTES),
    PIDS("pids.current", Limit.Unit.THREADS);

    private final String usage;
    private final Limit.Unit unit;

    Controller(String usage, Limit.Unit unit) {
      this.usage = usage;
      this.unit = unit;
    }

    private List<String> limits() {
      return switch (this) {
        case MEMORY -> List.of("memory.max", "memory.high");
        case MEMORY_V1 -> List.of("memory.limit_in_bytes");
        case PIDS -> List.of("pids.max");
      };
    }
  }

  /** Most of it. */
  private static final double UNMAPPED_SHARE = 0.5;

  private record Use(long usedBytes, long unmappedBytes) {
    static final Use UNKNOWN = new Use(-1, 0);

    String most() {
      return unmappedBytes > 0 && unmappedBytes >= UNMAPPED_SHARE * usedBytes
          ? "shared memory that no process maps (" + Quantity.size(unmappedBytes) + ")"
          : "";
    }
  }

  private record Key(Controller controller, Path directory) {}

  /** One cgroup, with its files and what they said. */
  private static final class Cgroup {
    final List<KeptFile> limits = new ArrayList<>();
    final KeptFile usage;
    final @Nullable KeptFile stat;
    List<Limit> last = List.of();
    long readAtNanos;

    Cgroup(Key key, long nowNanos) {
      for (String limit : key.controller().limits()) {
        limits.add(new KeptFile(key.directory().resolve(limit)));
      }
      usage = new KeptFile(key.directory().resolve(key.controller().usage));
      stat =
          key.controller().unit == Limit.Unit.BYTES
              ? new KeptFile(key.directory().resolve("memory.stat"))
              : null;
      readAtNanos = nowNanos - FRESH_NANOS;
    }

    void close() {
      limits.forEach(KeptFile::close);
      usage.close();
      if (stat != null) {
        stat.close();
      }
    }
  }

  /**
   * The limits that a cgroup has of its own, empty where it has none or they may not be read.
   *
   * @param nowNanos in {@link System#nanoTime} time
   */
  synchronized List<Limit> limits(
      Controller controller, Cgroups.Directory directory, long nowNanos) {
    Key key = new Key(controller, directory.path());
    Cgroup cgroup = known.computeIfAbsent(key, one -> new Cgroup(one, nowNanos));
    closeIdle(nowNanos);
    if (nowNanos - cgroup.readAtNanos >= FRESH_NANOS) {
      cgroup.last = read(controller, cgroup, directory.name());
      cgroup.readAtNanos = nowNanos;
    }
    return cgroup.last;
  }

  /** The least recently used come first. */
  private void closeIdle(long nowNanos) {
    Iterator<Cgroup> eldest = known.values().iterator();
    while (eldest.hasNext()) {
      Cgroup cgroup = eldest.next();
      if (known.size() <= CGROUPS_MAX && nowNanos - cgroup.readAtNanos < IDLE_NANOS) {
        return;
      }
      cgroup.close();
      eldest.remove();
    }
  }

  private List<Limit> read(Controller controller, Cgroup cgroup, String name) {
    List<Limit> found = new ArrayList<>();
    Use use = Use.UNKNOWN;
    for (int i = 0; i < cgroup.limits.size(); i++) {
      long limit = number(cgroup.limits.get(i));
      if (limit < 0 || limit >= LimitReader.UNLIMITED) {
        continue;
      }
      use = use.usedBytes() < 0 ? use(cgroup) : use;
      if (use.usedBytes() >= 0) {
        String called = controller.limits().get(i) + " of " + name;
        found.add(new Limit(called, controller.unit, limit, use.usedBytes(), use.most()));
      }
    }
    return List.copyOf(found);
  }

  /** Without memory.stat all usage counts: the cautious side. */
  private Use use(Cgroup cgroup) {
    long used = number(cgroup.usage);
    KeptFile stat = cgroup.stat;
    if (used < 0 || stat == null) {
      return new Use(used, 0);
    }
    KeyedText figures = new KeyedText(text, Math.max(0, stat.read(scratch, text)));
    boolean first = figures.number("total_inactive_file") >= 0;
    String prefix = first ? "total_" : "";
    String mapped = first ? "total_mapped_file" : "file_mapped";
    long unmapped = known(figures, prefix + "shmem") - known(figures, mapped);
    return new Use(Math.max(0, used - droppable(figures, first)), Math.max(0, unmapped));
  }

  private static long droppable(KeyedText figures, boolean first) {
    String prefix = first ? "total_" : "";
    String file = first ? "total_" : "file_";
    long lists = known(figures, prefix + "inactive_file") + known(figures, prefix + "active_file");
    long unclean = known(figures, file + "dirty") + known(figures, file + "writeback");
    return Math.max(0, lists - unclean) + known(figures, "slab_reclaimable");
  }

  private static long known(KeyedText figures, String key) {
    return Math.max(0, figures.number(key));
  }

  private long number(KeptFile file) {
    return KeyedText.number(text, file.read(scratch, text));
  }
}
