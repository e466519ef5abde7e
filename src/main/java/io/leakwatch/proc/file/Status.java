package io.leakwatch.proc.file;

/**
 * The cheap figures of a process, from /proc/PID/status and stat: counters that the kernel hands
 * out without a lock. Sizes are bytes; what the kernel in question does not tell is {@link #ABSENT}
 * (RssAnon and its sisters came with 4.5, HugetlbPages with 4.4; a zombie tells no size at all).
 *
 * <p>Kernels 6.2 to 6.15 read the Rss counters without summing up what each CPU holds back, older
 * ones what each thread holds back, so a figure may be wrong by some MiB; smaps is exact.
 *
 * @param swapBytes VmSwap, without swapped shared memory
 * @param pageTableBytes VmPTE
 * @param hugetlbBytes HugetlbPages; not part of VmRSS
 * @param threads number of threads
 * @param cpuTicks user and system time, in clock ticks of 1/100 s
 */
public record Status(
    Rss rss,
    long swapBytes,
    long pageTableBytes,
    Space space,
    long hugetlbBytes,
    long threads,
    long cpuTicks) {
  public static final long ABSENT = -1;

  static final int BYTES_MAX = 16 * 1024;

  /**
   * What is resident.
   *
   * @param bytes VmRSS, the sum
   * @param anonBytes RssAnon
   * @param fileBytes RssFile
   * @param shmemBytes RssShmem
   */
  public record Rss(long bytes, long anonBytes, long fileBytes, long shmemBytes) {}

  /**
   * Address space, resident or not.
   *
   * @param sizeBytes VmSize, which RLIMIT_AS bounds
   * @param dataBytes VmData, which RLIMIT_DATA bounds
   */
  public record Space(long sizeBytes, long dataBytes) {}

  /** Clock ticks a second in /proc (USER_HZ), 100 on every architecture that we run on. */
  public static final int TICKS_PER_SECOND = 100;

  /** Finds the figures in the text of /proc/PID/status. */
  public static Status parse(byte[] text, int length, long cpuTicks) {
    KeyedText lines = new KeyedText(text, length);
    return new Status(
        new Rss(
            lines.kilobytes("VmRSS"),
            lines.kilobytes("RssAnon"),
            lines.kilobytes("RssFile"),
            lines.kilobytes("RssShmem")),
        lines.kilobytes("VmSwap"),
        lines.kilobytes("VmPTE"),
        new Space(lines.kilobytes("VmSize"), lines.kilobytes("VmData")),
        lines.kilobytes("HugetlbPages"),
        lines.number("Threads"),
        cpuTicks);
  }

  public Status withCpuTicks(long ticks) {
    return new Status(rss, swapBytes, pageTableBytes, space, hugetlbBytes, threads, ticks);
  }
}
