package io.leakwatch.proc.file;

import java.util.function.Function;

/**
 * What became of an attempt to read a process. That a process is gone, may not be read or cannot be
 * read is an everyday result and therefore a value, not an exception; and it is never a zero.
 *
 * @param <T> what a successful look yields
 */
public sealed interface Outcome<T> {

  /** The reading succeeded. */
  record Sampled<T>(T value) implements Outcome<T> {}

  /** The process ended before or while it was read, or its pid now belongs to another one. */
  record Vanished<T>() implements Outcome<T> {}

  /**
   * The kernel refused.
   *
   * @param what the file or call that was refused
   * @param missing what would make it work, as an operator would grant it, e.g. {@code
   *     CAP_SYS_PTRACE}
   */
  record Denied<T>(String what, String missing) implements Outcome<T> {
    /** For an operator, e.g. "/proc/1/maps may not be read: CAP_SYS_PTRACE is missing". */
    public String sentence() {
      return what + " may not be read: " + missing + " is missing";
    }
  }

  /**
   * It cannot be had here though nobody forbids it: the kernel or this program lacks a part, or a
   * bound was met.
   *
   * @param sentence for an operator: what cannot be had, why, and what would help
   */
  record Unable<T>(String sentence) implements Outcome<T> {}

  static <T> Outcome<T> sampled(T value) {
    return new Sampled<>(value);
  }

  static <T> Outcome<T> vanished() {
    return new Vanished<>();
  }

  static <T> Outcome<T> denied(String what, String missing) {
    return new Denied<>(what, missing);
  }

  static <T> Outcome<T> unable(String sentence) {
    return new Unable<>(sentence);
  }

  /** What an operator should know: a sentence where the reading was refused or failed, else "". */
  default String problem() {
    if (this instanceof Denied<T> denied) {
      return denied.sentence();
    }
    return this instanceof Unable<T> unable ? unable.sentence() : "";
  }

  /** The same outcome with what a successful look makes of the value. */
  default <U> Outcome<U> map(Function<? super T, ? extends U> use) {
    return flatMap(value -> sampled(use.apply(value)));
  }

  /** Goes on with a further look when this one succeeded. */
  default <U> Outcome<U> flatMap(Function<? super T, Outcome<U>> next) {
    if (this instanceof Sampled<T> sampled) {
      return next.apply(sampled.value());
    }
    if (this instanceof Denied<T> denied) {
      return denied(denied.what(), denied.missing());
    }
    if (this instanceof Unable<T> unable) {
      return unable(unable.sentence());
    }
    return vanished();
  }
}
