package io.leakwatch.heap.content;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * What of a process' text may leave it. Letters become {@code a}, digits {@code 0}; signs stay,
 * because they show the form; a well-known begin such as a path's stays too. Length and a hash tell
 * equal texts from different ones. Raw text is for the command line only.
 */
public final class Masking {
  private static final int SHOWN_CHARACTERS_MAX = 64;
  private static final int HASH_BYTES = 4;

  private final List<String> shownPrefixes;
  private final boolean raw;

  private Masking(List<String> shownPrefixes, boolean raw) {
    this.shownPrefixes = List.copyOf(shownPrefixes);
    this.raw = raw;
  }

  /** Masks all but these begins. */
  public static Masking except(List<String> shownPrefixes) {
    return new Masking(shownPrefixes, false);
  }

  /** Shows everything. */
  public static Masking none() {
    return new Masking(List.of(), true);
  }

  boolean isRaw() {
    return raw;
  }

  /** A text as an example: masked, in quotes, with length and hash. */
  String example(String text) {
    String cut =
        text.length() > SHOWN_CHARACTERS_MAX ? text.substring(0, SHOWN_CHARACTERS_MAX) : text;
    String shown = "\"" + shape(cut) + (cut.length() < text.length() ? "…" : "") + "\"";
    return raw ? shown : shown + " (" + text.length() + " characters, #" + hash(text) + ")";
  }

  /** A text in its form only. */
  String shape(String text) {
    if (raw) {
      return text;
    }
    int kept = 0;
    for (String prefix : shownPrefixes) {
      if (text.startsWith(prefix)) {
        kept = Math.max(kept, prefix.length());
      }
    }
    StringBuilder shape = new StringBuilder(text.length());
    shape.append(text, 0, kept);
    for (int i = kept; i < text.length(); i++) {
      char c = text.charAt(i);
      shape.append(Character.isLetter(c) ? 'a' : Character.isDigit(c) ? '0' : c);
    }
    return shape.toString();
  }

  /** Whether a text is the begin, or the begun rest, of one that may be shown. */
  boolean isShown(String text) {
    return raw || shownPrefixes.stream().anyMatch(text::equals);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java platform has it.
    }
  }
}
