package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import java.util.List;
import java.util.Locale;

/**
 * A diagnosis for a terminal: the verdict in plain words, what grew, who holds it, what is missing.
 */
public final class DiagnosisText {
  private static final int PINS_SHOWN_MAX = 3;

  private final StringBuilder out = new StringBuilder();
  private final boolean colours;

  private DiagnosisText(boolean colours) {
    this.colours = colours;
  }

  /**
   * The text, ending with a line end.
   *
   * @param colours whether the reader is a terminal that shows ANSI colours
   */
  public static String of(ProcessView view, Diagnosis diagnosis, boolean colours) {
    DiagnosisText text = new DiagnosisText(colours);
    text.verdict(view, diagnosis);
    text.suspects(diagnosis);
    text.pins(view);
    text.load(diagnosis);
    diagnosis.notes().forEach(note -> text.line("%s", text.faint("note: " + clean(note))));
    return text.out.toString();
  }

  private void verdict(ProcessView view, Diagnosis diagnosis) {
    ProcessView.Identity identity = view.identity();
    Verdict verdict = diagnosis.verdict();
    line("%s  pid %d  %s", bold(clean(view.name())), identity.pid(), clean(identity.exe()));
    line(
        "resident %s   anonymous %s   watched for %s",
        Quantity.size(view.memory().residentBytes()),
        Quantity.size(view.memory().anonymousBytes()),
        Quantity.duration(diagnosis.span()));
    line("");
    String code =
        switch (verdict.kind()) {
          case LEAK -> "31;1";
          case HELD, PINNED, GROWING -> "33;1";
          default -> "32";
        };
    line(
        "%s %s",
        bold(coloured(code, verdict.kind().wireName().toUpperCase(Locale.ROOT))),
        DiagnosisWords.sentence(verdict));
    verdict.reasons().forEach(reason -> line("  - %s", clean(reason)));
    for (Verdict.Exhaustion limit : verdict.forecast().exhaustion()) {
      if (Double.isFinite(limit.seconds())) {
        line(
            "  - at this rate %s is reached %s",
            clean(limit.limitName()), Verdict.Exhaustion.when(limit.seconds()));
      }
    }
  }

  private void suspects(Diagnosis diagnosis) {
    line("");
    if (diagnosis.suspects().isEmpty()) {
      line("Nothing grew.");
      return;
    }
    double seconds = Math.max(1e-3, diagnosis.span().toMillis() / 1e3);
    line("%10s %10s %12s %15s  %s", "EACH", "MORE", "GROWN BY", "GROWTH", "WHAT");
    for (Suspect suspect : diagnosis.suspects()) {
      String module =
          suspect.content().module().isEmpty() ? "" : "  [" + suspect.content().module() + "]";
      line(
          "%10s %10d %12s %15s  %s",
          Quantity.exact(suspect.chunkBytes()),
          suspect.countGrowth(),
          Quantity.size(suspect.bytesGrowth()),
          Quantity.rate(suspect.bytesGrowth() / seconds),
          bold(clean(suspect.content().type())) + faint(clean(module)));
      suspect.content().samples().stream()
          .limit(1)
          .forEach(sample -> line("%52s%s", "", faint("e.g. " + clean(sample))));
      String held = DiagnosisWords.holding(suspect);
      if (!held.isEmpty()) {
        line("%52s%s", "", clean(held));
      }
    }
  }

  private void pins(ProcessView view) {
    HeapReport heap = view.heaps().ptmalloc();
    if (heap == null) {
      return;
    }
    List<HeapReport.Arena> pinned =
        heap.arenas().stream()
            .filter(arena -> arena.pin() != null && arena.totals().pinnedBytes() > 1 << 20)
            .sorted(HeapReport.MOST_PINNED_FIRST)
            .limit(PINS_SHOWN_MAX)
            .toList();
    for (HeapReport.Arena arena : pinned) {
      HeapReport.Pin pin = arena.pin();
      if (pin != null) {
        line(
            "arena %d: %s free below a chunk of %s at 0x%x: %s%s",
            arena.index(),
            Quantity.size(arena.totals().pinnedBytes()),
            Quantity.exact(pin.chunkBytes()),
            pin.address(),
            clean(pin.content()),
            pin.holder().isEmpty() ? "" : "; held by " + clean(pin.holder()));
      }
    }
  }

  private void load(Diagnosis diagnosis) {
    for (Verdict.Load load : diagnosis.verdict().load()) {
      line(
          "%s explains %s of the growth",
          clean(load.metric()), Quantity.percent(load.explainedFraction()));
    }
  }

  private static String clean(String foreign) {
    return ForeignText.harmless(foreign, 240);
  }

  private void line(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  private String bold(String text) {
    return coloured("1", text);
  }

  private String faint(String text) {
    return coloured("2", text);
  }

  private String coloured(String code, String text) {
    return colours && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
