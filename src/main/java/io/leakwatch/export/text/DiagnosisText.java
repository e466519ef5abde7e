package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.util.List;
import java.util.Locale;

/**
 * A diagnosis for a terminal of 100 columns: the verdict, one sentence of evidence, what grew, what
 * to do next. All that was found is there when it is asked for.
 */
public final class DiagnosisText {
  private static final int COLUMNS = 100;
  private static final int WHAT_COLUMN = 38;
  private static final int SUSPECTS_SHOWN_MAX = 5;
  private static final int PINS_SHOWN_MAX = 3;
  private static final double PINNED_SHARE_SHOWN = 0.05;

  private final StringBuilder out = new StringBuilder();
  private final Style style;
  private final boolean all;

  private DiagnosisText(boolean colours, boolean all) {
    this.style = new Style(colours);
    this.all = all;
  }

  /**
   * The text, ending with a line end.
   *
   * @param colours whether the reader is a terminal that shows ANSI colours
   * @param all whether every reason, suspect, holder, pin and note is shown, at full length
   */
  public static String of(ProcessView view, Diagnosis diagnosis, boolean colours, boolean all) {
    DiagnosisText text = new DiagnosisText(colours, all);
    text.verdict(view, diagnosis);
    text.suspects(diagnosis);
    text.pins(view, diagnosis.verdict());
    text.load(diagnosis);
    diagnosis.notes().forEach(note -> text.wrapped("note: " + clean(note), ""));
    if (all) {
      diagnosis.details().forEach(note -> text.wrapped("note: " + clean(note), ""));
    }
    text.line("");
    text.wrapped("next: " + DiagnosisWords.next(view, diagnosis), "");
    return text.out.toString();
  }

  private void verdict(ProcessView view, Diagnosis diagnosis) {
    ProcessView.Identity identity = view.identity();
    Verdict verdict = diagnosis.verdict();
    line("%s  pid %d  %s", style.bold(clean(view.name())), identity.pid(), clean(identity.exe()));
    line(
        "resident %s   anonymous %s   watched for %s",
        Quantity.size(view.memory().residentBytes()),
        Quantity.size(view.memory().anonymousBytes()),
        Quantity.duration(diagnosis.span()));
    line("");
    String word = verdict.kind().wireName().toUpperCase(Locale.ROOT);
    line(
        "%s %s", style.bold(style.verdict(verdict.kind(), word)), DiagnosisWords.sentence(verdict));
    verdict.reasons().stream()
        .limit(all ? Integer.MAX_VALUE : 1)
        .forEach(reason -> wrapped("- " + clean(reason), "  "));
    DiagnosisWords.limit(verdict).ifPresent(limit -> wrapped("- " + clean(limit), "  "));
  }

  private void suspects(Diagnosis diagnosis) {
    if (diagnosis.suspects().isEmpty()) {
      return;
    }
    line("");
    line("%10s %10s %10s  %s", "GROWN BY", "MORE", "EACH", "WHAT");
    diagnosis.suspects().stream()
        .limit(all ? Integer.MAX_VALUE : SUSPECTS_SHOWN_MAX)
        .forEach(this::suspect);
    int hidden = diagnosis.suspects().size() - SUSPECTS_SHOWN_MAX;
    if (!all && hidden > 0) {
      line("%s", style.faint("%34s%d more with -v".formatted("", hidden)));
    }
  }

  private void suspect(Suspect suspect) {
    Suspect.Content content = suspect.content();
    String module = content.module().isEmpty() ? "" : "  [" + clean(content.module()) + "]";
    line(
        "%10s %10d %10s  %s",
        Quantity.size(suspect.bytesGrowth()),
        suspect.countGrowth(),
        Quantity.exact(suspect.chunkBytes()),
        style.bold(fitted(clean(content.type()), module.length())) + style.faint(module));
    if (all) {
      content.samples().forEach(sample -> further(style.faint("e.g. " + clean(sample))));
    }
    for (String part : DiagnosisWords.holding(suspect, all)) {
      further(fitted(clean(part), 0));
    }
  }

  private void further(String text) {
    line("%" + (WHAT_COLUMN - 4) + "s%s", "", text);
  }

  /** A text shortened in the middle to what fits in its column beside something else. */
  private String fitted(String text, int besideCharacters) {
    int most = Math.max(24, COLUMNS - WHAT_COLUMN + 4 - besideCharacters);
    if (all || text.length() <= most) {
      return text;
    }
    int head = most * 2 / 3;
    return text.substring(0, head) + "…" + text.substring(text.length() - (most - head - 1));
  }

  private void pins(ProcessView view, Verdict verdict) {
    HeapReport heap = view.heaps().ptmalloc();
    if (heap == null) {
      return;
    }
    double least =
        verdict.kind() == VerdictKind.PINNED || all
            ? 1 << 20
            : Math.max(1 << 20, PINNED_SHARE_SHOWN * view.memory().anonymousBytes());
    List<HeapReport.Arena> pinned =
        heap.arenas().stream()
            .filter(arena -> arena.pin() != null && arena.totals().pinnedBytes() > least)
            .sorted(HeapReport.MOST_PINNED_FIRST)
            .limit(PINS_SHOWN_MAX)
            .toList();
    for (HeapReport.Arena arena : pinned) {
      HeapReport.Pin pin = arena.pin();
      if (pin != null) {
        wrapped(
            String.format(
                Locale.ROOT,
                "arena %d: %s free below a chunk of %s at 0x%x: %s%s",
                arena.index(),
                Quantity.size(arena.totals().pinnedBytes()),
                Quantity.exact(pin.chunkBytes()),
                pin.address(),
                clean(pin.content()),
                pin.holder().isEmpty() ? "" : "; held by " + clean(pin.holder())),
            "");
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
    return ForeignText.harmless(foreign, 600);
  }

  private void line(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  /** A sentence over as many lines as it takes. */
  private void wrapped(String text, String indent) {
    StringBuilder row = new StringBuilder(indent);
    for (String word : text.split(" ", -1)) {
      if (row.length() > indent.length() + 2 && row.length() + word.length() + 1 > COLUMNS) {
        line("%s", row);
        row.setLength(0);
        row.append(indent).append("  ");
      } else if (row.length() > indent.length()) {
        row.append(' ');
      }
      row.append(word);
    }
    line("%s", row);
  }
}
