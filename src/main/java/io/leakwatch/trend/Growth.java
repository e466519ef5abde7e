package io.leakwatch.trend;

import io.leakwatch.history.Signal;
import java.util.List;

/**
 * How one signal moves.
 *
 * @param channel which test found that it grows, {@link Channel#NONE} where none did
 * @param sinceSeconds when the growth began, in the samples' time, {@code NaN} without growth
 * @param bytesPerSecond of the growth that was found, else of the last cycle's floor
 * @param errorBytesPerSecond standard error of it, corrected for serial correlation
 * @param level the floor now
 * @param rise how much it rose since the growth began
 * @param risingFloors in how many floors of the window it rose
 * @param floors the window's length in floors
 * @param bendEvidence BIC of a line minus that of a bending curve: above 2 it saturates
 * @param lives where former lives had the same slope, that of each of them in bytes per second, the
 *     present one last
 */
public record Growth(
    Signal signal,
    Pattern pattern,
    Channel channel,
    double sinceSeconds,
    double bytesPerSecond,
    double errorBytesPerSecond,
    double level,
    double rise,
    int risingFloors,
    int floors,
    double bendEvidence,
    List<Double> lives) {

  static Growth none(Signal signal, Pattern pattern, double bytesPerSecond, double level) {
    return new Growth(
        signal,
        pattern,
        Channel.NONE,
        Double.NaN,
        bytesPerSecond,
        Double.NaN,
        level,
        0,
        0,
        0,
        Double.NEGATIVE_INFINITY,
        List.of());
  }

  public boolean found() {
    return channel != Channel.NONE;
  }

  Growth since(double seconds) {
    return new Growth(
        signal,
        pattern,
        channel,
        seconds,
        bytesPerSecond,
        errorBytesPerSecond,
        level,
        rise,
        risingFloors,
        floors,
        bendEvidence,
        lives);
  }
}
