package io.leakwatch.evaluation.population;

import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A series with known truth.
 *
 * @param traits what it is made of, a word or two each
 * @param shape the same with its figures
 * @param seconds of each sample, since 1970-01-01
 * @param inUse what the program itself holds
 * @param load cores; the part of the memory that comes and goes with the hour follows it
 * @param ageSeconds of the process; {@code NaN} where it is not known
 * @param life number of the life a sample belongs to
 * @param limit bytes at which the process is killed; {@code NaN} where there is none
 * @param onset index of the first sample of the leak, -1 in a benign series
 * @param leaked bytes that have leaked in a life at each time; empty in a benign series
 * @param lifeOnsets index where the leak begins in each of the lives that leak
 * @param rises spans in which a benign series rises like a leak
 */
public record Scenario(
    String id,
    Plan.Group group,
    int band,
    int rate,
    String mode,
    List<String> traits,
    String shape,
    double[] seconds,
    double[] bytes,
    double[] inUse,
    double[] load,
    double[] ageSeconds,
    int[] life,
    double[] limit,
    int onset,
    double[] leaked,
    int[] lifeOnsets,
    List<Rise> rises) {

  /**
   * A benign rise that nothing tells from a leak until it ends.
   *
   * @param kind late fill, fill at birth, saw
   * @param ageDays of the process at the start
   * @param days it lasts within the series and the life
   * @param perDay share of the base it rises in a day
   * @param straight whether it is a straight line
   */
  public record Rise(String kind, double ageDays, double days, double perDay, boolean straight) {}

  public boolean benign() {
    return onset < 0;
  }

  public int length() {
    return bytes.length;
  }

  public double days() {
    return (seconds[length() - 1] - seconds[0]) / 86400;
  }

  /**
   * What a sample tells beside the working set, the limit and the age.
   *
   * @param siblingDays that others of its build have lived, 0 where there are none
   */
  public record Given(boolean inUse, boolean load, double siblingDays) {
    public static final Given NOTHING = new Given(false, false, 0);
  }

  public Sample sample(int i, Given given) {
    Sample.Builder sample =
        Sample.at(seconds[i], "" + life[i])
            .set(Signal.RSS_ANON_BYTES, bytes[i])
            .set(Signal.LIMIT_BYTES, limit[i])
            .set(Signal.PROCESS_AGE_SECONDS, ageSeconds[i]);
    if (given.inUse() && inUse.length > 0) {
      sample.set(Signal.IN_USE_BYTES, inUse[i]);
    }
    if (given.load() && load.length > 0) {
      sample.set(Signal.LOAD, load[i]);
    }
    if (given.siblingDays() > 0) {
      sample.set(Signal.SIBLING_DAYS, given.siblingDays());
    }
    return sample.build();
  }

  /** A short sum over the samples, by which a changed generator shows. */
  public int checksum() {
    int sum = length();
    for (int i = 0; i < length(); i++) {
      sum = 31 * sum + Double.hashCode(bytes[i] + limit[i] + life[i]);
    }
    return sum;
  }

  /** Writes the series as {@code replay} reads it. */
  public void export(Path file) {
    try (Writer out = Files.newBufferedWriter(file)) {
      out.write("time,rss_anon_bytes,limit_bytes,process_age_seconds,incarnation");
      out.write(inUse.length > 0 ? ",in_use_bytes\n" : "\n");
      for (int i = 0; i < length(); i++) {
        out.write(
            String.format(
                "%.0f,%.0f,%s,%s,%d",
                seconds[i], bytes[i], cell(limit[i]), cell(ageSeconds[i]), life[i]));
        out.write(inUse.length > 0 ? String.format(",%.0f%n", inUse[i]) : "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String cell(double value) {
    return Double.isNaN(value) ? "" : String.format("%.0f", value);
  }
}
