package io.leakwatch.proc.limits;

import io.leakwatch.proc.file.KeptFile;
import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.proc.file.Status;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the node as a whole has and allows, read once for all processes that are read within half a
 * second. For any thread.
 */
public final class NodeFigures {
  private static final long FRESH_NANOS = 500_000_000;
  private static final int TEXT_BYTES = 16 * 1024;
  private static final String RELEASE = "sys/kernel/osrelease";
  private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

  private final KeptFile meminfo;
  private final KeptFile loadavg;
  private final KeptFile uptime;
  private final KeptFile mappingsMax;
  private final KeptFile threadsMax;
  private final KeptFile pidMax;
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(TEXT_BYTES);
  private final byte[] text = new byte[TEXT_BYTES];
  private final boolean mapsTakesNoLock;
  private @Nullable Reading last;

  /**
   * One reading; what the node does not tell is -1.
   *
   * @param mappingsMax vm.max_map_count
   * @param uptimeSeconds since boot, suspended time included, as process start times are; {@code
   *     NaN} when unknown
   * @param atNanos in {@link System#nanoTime} time
   */
  record Reading(
      Memory memory, long mappingsMax, Threads threads, double uptimeSeconds, long atNanos) {

    /** How long a process has run, to the hundredth of a second; {@code NaN} when unknown. */
    double ageSeconds(long startTicks, long nowNanos) {
      double seconds =
          uptimeSeconds
              + (nowNanos - atNanos) / 1e9
              - (double) startTicks / Status.TICKS_PER_SECOND;
      return seconds >= 0 ? seconds : Double.NaN; // Less: /proc/uptime is a container's (LXCFS).
    }
  }

  /**
   * The node's memory.
   *
   * @param totalBytes MemTotal
   * @param availableBytes MemAvailable (3.14)
   */
  record Memory(long totalBytes, long availableBytes) {}

  /**
   * The node's threads.
   *
   * @param count all of them, kernel threads among them (/proc/loadavg, fourth field)
   * @param max kernel.threads-max
   * @param pidMax kernel.pid_max; each thread takes a pid
   */
  record Threads(long count, long max, long pidMax) {}

  public NodeFigures(Path procRoot) {
    meminfo = new KeptFile(procRoot.resolve("meminfo"));
    loadavg = new KeptFile(procRoot.resolve("loadavg"));
    uptime = new KeptFile(procRoot.resolve("uptime"));
    mappingsMax = new KeptFile(procRoot.resolve("sys/vm/max_map_count"));
    threadsMax = new KeptFile(procRoot.resolve("sys/kernel/threads-max"));
    pidMax = new KeptFile(procRoot.resolve("sys/kernel/pid_max"));
    try (KeptFile release = new KeptFile(procRoot.resolve(RELEASE))) {
      mapsTakesNoLock = isSince(6, 17, string(release));
    }
  }

  /** Whether the kernel reads out {@code maps} without the mmap_lock of the process (6.17). */
  boolean mapsTakesNoLock() {
    return mapsTakesNoLock;
  }

  /** Whether a release such as {@code 6.1.0-28-amd64} is that version or a later one. */
  public static boolean isSince(int major, int minor, String release) {
    Matcher matcher = VERSION.matcher(release);
    return matcher.lookingAt()
        && (Integer.parseInt(matcher.group(1)) > major
            || (Integer.parseInt(matcher.group(1)) == major
                && Integer.parseInt(matcher.group(2)) >= minor));
  }

  synchronized Reading now(long nowNanos) {
    Reading known = last;
    if (known != null && nowNanos - known.atNanos() < FRESH_NANOS) {
      return known;
    }
    KeyedText memory = new KeyedText(text, Math.max(0, meminfo.read(scratch, text)));
    long total = memory.kilobytes("MemTotal");
    long available = memory.kilobytes("MemAvailable");
    Reading read =
        new Reading(
            new Memory(total, available),
            number(mappingsMax),
            new Threads(threads(string(loadavg)), number(threadsMax), number(pidMax)),
            seconds(string(uptime)),
            nowNanos);
    last = read;
    return read;
  }

  private long number(KeptFile file) {
    return KeyedText.number(text, file.read(scratch, text));
  }

  private String string(KeptFile file) {
    int length = Math.max(0, file.read(scratch, text));
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }

  /** Of {@code 0.20 0.18 0.12 1/476 15148}: 476, all schedulable entities. */
  private static long threads(String loadavg) {
    int slash = loadavg.indexOf('/');
    byte[] after = loadavg.substring(slash + 1).getBytes(StandardCharsets.UTF_8);
    return slash < 0 ? -1 : KeyedText.number(after, after.length);
  }

  private static double seconds(String uptime) {
    String first = uptime.strip().split(" ", 2)[0];
    return first.matches("[0-9]{1,12}(\\.[0-9]{1,9})?") ? Double.parseDouble(first) : Double.NaN;
  }
}
