package io.leakwatch.sample;

import io.leakwatch.text.ForeignText;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something about a process, beside its memory, that was one thing before a time and another from
 * then on. Its texts come from executables, command lines and other processes: they are cut and
 * made harmless here, so that everybody may show them.
 *
 * @param timeSeconds since 1970-01-01 UTC, or since any origin in a recorded series; as exact as
 *     what told of it, a second for a start, the file system's clock for a modification, the pace
 *     of the samples for what they show
 * @param what is so from then on, as {@link Kind} says
 * @param before what was so until then, null where nothing was known: that is no change, but the
 *     begin of what is known
 */
public record Change(double timeSeconds, Kind kind, String what, @Nullable String before) {
  /** Build ids have 40 characters; names of instances, options and metrics hardly ever more. */
  static final int TEXT_CHARS_MAX = 128;

  /** What changed; those that explain a growth more often come first. */
  public enum Kind {
    /** Another executable. {@code what} and {@code before} are build ids. */
    BUILD,
    /** Other arguments. {@code what} names the options that differ, never their values. */
    COMMAND_LINE,
    /** A configuration file was modified. {@code what} is the option that names the file. */
    CONFIGURATION,
    /** The process began again. {@code what} is empty. */
    RESTART,
    /** The load went from one level to another. {@code what} says which, and how far. */
    LOAD,
    /** Another watched process of the node began again. {@code what} is its name. */
    OTHER_RESTART;

    private final String wireName = name().toLowerCase(Locale.ROOT);

    /** How JSON and the history file call it. */
    public String wireName() {
      return wireName;
    }
  }

  public Change {
    what = ForeignText.harmless(what, TEXT_CHARS_MAX);
    before = before == null ? null : ForeignText.harmless(before, TEXT_CHARS_MAX);
  }

  /** Whether nothing was known before. */
  public boolean isFirst() {
    return before == null;
  }
}
