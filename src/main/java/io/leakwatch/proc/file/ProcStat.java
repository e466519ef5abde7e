package io.leakwatch.proc.file;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The fields of /proc/PID/stat that matter here (proc_pid_stat(5)). The second field, the name,
 * stands in parentheses and may itself hold parentheses and spaces, so fields are counted from the
 * last closing one.
 *
 * @param state a letter; Z and X have no address space any more
 * @param flags the kernel's PF_ flags
 * @param cpuTicks user and system time of all threads, in clock ticks
 * @param threads of the whole process, the main thread included while it is not reaped
 * @param startTicks start time in clock ticks since boot
 * @param image where the code and the stack of the program begin, folded into one number: an exec
 *     sets them again, and the kernel places them at random (randomize_va_space). 0 for those who
 *     may not know it (fs/proc/array.c, {@code do_task_stat}: PTRACE_MODE_READ_FSCREDS), and for a
 *     process that is ending
 */
public record ProcStat(
    String comm, char state, long flags, long cpuTicks, long threads, long startTicks, long image) {
  public static final int BYTES_MAX = 4096;

  private static final int FLAGS = 9;
  private static final int UTIME = 14;
  private static final int STIME = 15;
  private static final int THREADS = 20;
  private static final int START = 22;
  private static final int START_CODE = 26;
  private static final int START_STACK = 28;
  private static final long PF_EXITING = 0x00000004;
  private static final long PF_KTHREAD = 0x00200000;

  /** Parses the first bytes of an array. */
  public static @Nullable ProcStat parse(byte[] bytes, int length) {
    return parse(new String(bytes, 0, length, StandardCharsets.UTF_8));
  }

  /** {@code null} when the text is no such line. */
  public static @Nullable ProcStat parse(String text) {
    int open = text.indexOf('(');
    int close = text.lastIndexOf(')');
    if (open < 0 || close < open || close + 2 >= text.length()) {
      return null;
    }
    long flags = field(text, close + 2, FLAGS);
    long user = field(text, close + 2, UTIME);
    long system = field(text, close + 2, STIME);
    long threads = field(text, close + 2, THREADS);
    long start = field(text, close + 2, START);
    if (flags < 0 || user < 0 || system < 0 || threads < 0 || start < 0) {
      return null;
    }
    String comm = text.substring(open + 1, close);
    return new ProcStat(
        comm,
        text.charAt(close + 2),
        flags,
        user + system,
        threads,
        start,
        image(field(text, close + 2, START_CODE), field(text, close + 2, START_STACK)));
  }

  private static long image(long startCode, long startStack) {
    return startStack <= 0 ? 0 : startCode * 31 + startStack;
  }

  public boolean isKernelThread() {
    return (flags & PF_KTHREAD) != 0;
  }

  /**
   * Whether this thread is ending or has ended. The kernel marks it before it lets go of the
   * address space, so whoever read mappings and then finds no mark has read all of them.
   */
  public boolean isExiting() {
    return state == 'Z' || state == 'X' || (flags & PF_EXITING) != 0;
  }

  /** The n-th field, the one at {@code from} being the third; -1 when it is no number. */
  private static long field(String text, int from, int n) {
    int at = from;
    for (int i = 3; i < n; i++) {
      at = text.indexOf(' ', at) + 1;
      if (at == 0) {
        return -1;
      }
    }
    long value = 0;
    int digits = 0;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      value = value * 10 + (text.charAt(at) - '0');
      at++;
      digits++;
    }
    return digits == 0 || digits > 18 ? -1 : value;
  }
}
