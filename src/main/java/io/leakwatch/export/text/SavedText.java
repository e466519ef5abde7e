package io.leakwatch.export.text;

import io.leakwatch.export.ProcessView;
import io.leakwatch.export.SavedView;
import io.leakwatch.region.Layout;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.util.Locale;

/** A saved process as text for a terminal: where its memory was, and what the files do not say. */
public final class SavedText {
  private static final int NAME_CHARACTERS_MAX = 33;
  private static final int LINE_CHARACTERS_MAX = 200;

  private final StringBuilder out = new StringBuilder();
  private final SavedView view;
  private final Style style;

  private SavedText(SavedView view, boolean colours) {
    this.view = view;
    this.style = new Style(colours);
  }

  /**
   * The text, ending with a line end.
   *
   * @param colours whether the reader is a terminal that shows ANSI colours
   */
  public static String of(SavedView view, boolean colours) {
    SavedText text = new SavedText(view, colours);
    text.header();
    Layout layout = view.memory().layout();
    if (layout != null) {
      text.line("");
      new KindTable(view.known(), text.style)
          .rows(layout, kind -> "")
          .forEach(row -> text.line("%s", row));
    }
    text.largest();
    if (!view.notes().isEmpty()) {
      text.line("");
      view.notes().forEach(note -> text.line("note: %s", clean(note)));
    }
    return text.out.toString();
  }

  private void header() {
    SavedView.Identity identity = view.identity();
    SavedView.Source source = view.source();
    ProcessView.Memory memory = view.memory();
    if (identity.pid() != null || !identity.name().isEmpty()) {
      line(
          "%s  pid %s  %s",
          style.bold(identity.name().isEmpty() ? "?" : clean(identity.name())),
          identity.pid() == null ? "?" : identity.pid(),
          clean(identity.exe()));
    }
    if (!identity.commandLine().isEmpty()) {
      line("%s", style.faint(clean(identity.commandLine())));
    }
    line(
        "from %s (%s, pages of %s)",
        clean(source.file()), source.format(), Quantity.size(source.pageBytes()));
    line(
        "started %s   resident %s   anonymous %s   swap %s   lazily freed %s",
        identity.startTime() == null ? "?" : identity.startTime(),
        style.bold(Quantity.size(memory.residentBytes())),
        Quantity.size(memory.anonymousBytes()),
        Quantity.size(memory.swapBytes()),
        Quantity.size(memory.lazyFreeBytes()));
    Layout layout = memory.layout();
    if (layout != null) {
      line(
          "allocators %s   mappings %d%s",
          layout.allocators().isEmpty() ? "?" : String.join(", ", layout.allocators()),
          layout.mappingCount(),
          identity.threads() < 0 ? "" : "   threads " + identity.threads());
    }
  }

  private void largest() {
    if (view.largest().isEmpty()) {
      return;
    }
    line("");
    line(
        "%-16s %-4s %-14s %10s %10s %10s  %s",
        "LARGEST", "PERM", "KIND", "MAPPED", "RESIDENT", "SWAP", "NAME");
    for (SavedView.Mapping mapping : view.largest()) {
      line(
          "%-16x %-4s %-14s %10s %10s %10s  %s",
          mapping.start(),
          mapping.permissions(),
          mapping.kind(),
          Quantity.size(mapping.end() - mapping.start()),
          KindTable.size(view.known().resident(), mapping.residentBytes()),
          KindTable.size(view.known().swap(), mapping.rest().swapBytes()),
          endOf(mapping.name()));
    }
  }

  /** The end of a path tells more than its begin. */
  private static String endOf(String name) {
    String clean = ForeignText.harmless(name, Integer.MAX_VALUE);
    int points = clean.codePointCount(0, clean.length());
    return points <= NAME_CHARACTERS_MAX
        ? clean
        : "…" + clean.substring(clean.offsetByCodePoints(0, points - NAME_CHARACTERS_MAX + 1));
  }

  private void line(String format, Object... arguments) {
    out.append(String.format(Locale.ROOT, format, arguments).stripTrailing()).append('\n');
  }

  private static String clean(String foreign) {
    return ForeignText.harmless(foreign, LINE_CHARACTERS_MAX);
  }
}
