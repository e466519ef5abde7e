package io.leakwatch.text;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text that a process has chosen, while an operator's expression is held against it.
 *
 * <p>{@link Pattern} backtracks: {@code (a+)+$} takes 2^n steps on n letters, and each repetition
 * of a group takes a frame of the stack, so a long argument can hold up or overflow whoever matches
 * it. Each step reads a character, which is counted here.
 */
public final class BoundedMatch implements CharSequence {
  /** Some tens of milliseconds. */
  private static final int STEPS_MAX = 4_000_000;

  private final String text;
  private final int[] stepsLeft;

  private BoundedMatch(String text, int[] stepsLeft) {
    this.text = text;
    this.stepsLeft = stepsLeft;
  }

  /** An expression that takes too much to be decided on a text. */
  public static final class Undecided extends RuntimeException {
    Undecided(Pattern pattern, String text, String why) {
      super(
          "the expression `"
              + pattern.pattern()
              + "` "
              + why
              + " on a text of "
              + text.length()
              + " characters; it counts as no match");
    }
  }

  /** Out of steps; it never leaves this class. */
  private static final class OutOfSteps extends RuntimeException {
    OutOfSteps() {
      super("out of steps", null, false, false);
    }
  }

  /**
   * Whether the expression matches the whole text.
   *
   * @param use of the match
   */
  public static boolean matches(Pattern pattern, String text, Consumer<Matcher> use) {
    return holds(pattern, text, true, use);
  }

  /** Whether the expression is found somewhere in the text. */
  public static boolean isFound(Pattern pattern, String text, Consumer<Matcher> use) {
    return holds(pattern, text, false, use);
  }

  private static boolean holds(Pattern pattern, String text, boolean whole, Consumer<Matcher> use) {
    Matcher matcher = pattern.matcher(new BoundedMatch(text, new int[] {STEPS_MAX}));
    try {
      boolean holds = whole ? matcher.matches() : matcher.find();
      if (holds) {
        use.accept(matcher);
      }
      return holds;
    } catch (OutOfSteps e) {
      throw new Undecided(pattern, text, "takes too many steps");
    } catch (StackOverflowError e) {
      throw new Undecided(pattern, text, "nests too deeply");
    }
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public char charAt(int index) {
    if (--stepsLeft[0] < 0) {
      throw new OutOfSteps();
    }
    return text.charAt(index);
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return new BoundedMatch(text.substring(start, end), stepsLeft);
  }

  @Override
  public String toString() {
    return text;
  }
}
