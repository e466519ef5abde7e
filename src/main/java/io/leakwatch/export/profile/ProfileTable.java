package io.leakwatch.export.profile;

import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A heap profile as a table: what takes, or took, most bytes. */
public final class ProfileTable {
  private static final int ROWS_MAX = 20;
  private static final int FRAMES_MAX = 4;
  private static final int NAME_CHARS_MAX = 70;

  private ProfileTable() {}

  /**
   * The table.
   *
   * @param isDifference whether the figures are of what changed
   */
  public static String of(HeapProfile profile, boolean isDifference) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s  %s in %d groups%s",
            ForeignText.harmless(profile.process(), NAME_CHARS_MAX),
            bytes(profile.bytes(), isDifference),
            profile.samples().size(),
            isDifference ? " that changed" : " in use"));
    lines.add("");
    lines.add(
        String.format(Locale.ROOT, "%11s %11s  %-9s %s", "BYTES", "OBJECTS", "OWNER", "WHAT"));
    for (HeapProfile.Sample sample : profile.samples().stream().limit(ROWS_MAX).toList()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%11s %11s  %-9s %s",
              bytes(sample.bytes(), isDifference),
              (isDifference && sample.objects() > 0 ? "+" : "")
                  + Quantity.count((double) sample.objects()),
              ForeignText.harmless(sample.owner(), 20),
              sample.frames().stream()
                  .limit(FRAMES_MAX)
                  .map(Frame::name)
                  .map(name -> ForeignText.harmless(name, NAME_CHARS_MAX))
                  .collect(Collectors.joining(" < "))));
    }
    int hidden = profile.samples().size() - ROWS_MAX;
    if (hidden > 0) {
      lines.add("… and " + hidden + " smaller ones");
    }
    return String.join("\n", lines);
  }

  private static String bytes(long bytes, boolean isDifference) {
    return isDifference ? Quantity.signed((double) bytes) : Quantity.size(bytes);
  }
}
