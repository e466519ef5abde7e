package io.leakwatch.incident;

import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A child process of which so much is kept that it prints, and which is killed when its time is
 * over or when it prints more, together with all that it has started.
 *
 * <p>Its pipes are only read while something lies in them. A read that waits would last for as long
 * as anybody holds the other end, which may be a process that the child has left behind.
 */
final class SupervisedChild {
  private static final int ERROR_BYTES_MAX = 4096;
  private static final long POLL_NANOS = 20_000_000;

  private final Process process;
  private final Kept output;
  private final Kept errors = new Kept(ERROR_BYTES_MAX);

  private SupervisedChild(Process process, int outputBytesMax) {
    this.process = process;
    this.output = new Kept(outputBytesMax);
  }

  /**
   * How it ended.
   *
   * @param timely whether it ended by itself, in its time
   * @param status of its end, where it was timely
   * @param isCut whether it printed more than is kept
   * @param errors the begin of what it said besides
   */
  record End(boolean timely, int status, String output, boolean isCut, String errors) {}

  /**
   * Starts one without any input.
   *
   * @throws IOException when that cannot be done
   */
  static SupervisedChild start(ProcessBuilder builder, int outputBytesMax) throws IOException {
    Process process = builder.start();
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
    return new SupervisedChild(process, outputBytesMax);
  }

  /** Waits for its end, for so long at most; it is gone when this returns or throws. */
  End await(Duration patience) throws InterruptedException {
    long untilNanos = SystemTime.TIME.nanos() + patience.toNanos();
    try {
      boolean ended = false;
      while (!ended && !output.isCut) {
        long leftNanos = untilNanos - SystemTime.TIME.nanos();
        if (leftNanos <= 0) {
          break;
        }
        ended = process.waitFor(Math.min(POLL_NANOS, leftNanos), TimeUnit.NANOSECONDS);
        output.take(process.getInputStream());
        errors.take(process.getErrorStream());
      }
      int status = ended ? process.exitValue() : -1;
      return new End(ended, status, output.text(), output.isCut, errors.text().strip());
    } catch (IOException e) { // Its pipes are closed: it has been killed.
      return new End(false, -1, output.text(), output.isCut, errors.text().strip());
    } finally {
      kill();
    }
  }

  /** Ends it and all that it has started, if it runs. For any thread. */
  void kill() {
    if (process.isAlive()) { // Else its pid may be another process' by now.
      List<ProcessHandle> started = process.descendants().toList();
      process.destroyForcibly();
      started.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** The begin of a stream. */
  private static final class Kept {
    private static final int TAKE_BYTES_MAX = 1 << 20;

    private final byte[] bytes;
    private final byte[] buffer = new byte[8192];
    private int length;
    private boolean isCut;

    Kept(int bytesMax) {
      bytes = new byte[bytesMax];
    }

    /** Takes what lies in the stream; of one that is filled all the time, so much at once. */
    void take(InputStream in) throws IOException {
      int taken = 0;
      for (int there = in.available(); there > 0 && taken < TAKE_BYTES_MAX; ) {
        int count = in.read(buffer, 0, Math.min(buffer.length, there));
        if (count < 0) {
          return;
        }
        int kept = Math.min(count, bytes.length - length);
        System.arraycopy(buffer, 0, bytes, length, kept);
        length += kept;
        isCut |= kept < count;
        taken += count;
        there = in.available();
      }
    }

    String text() {
      return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
  }
}
