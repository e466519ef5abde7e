package io.leakwatch.config;

import io.leakwatch.text.BoundedMatch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which process somebody may mean by a target that means none: one that is as the target asks in
 * all but a few points, else one whose program is spelt nearly like the one that is asked for.
 */
public final class NearestProcess {
  private static final int SPELLING_LETTERS_MIN = 4;

  /** A condition tells something when no more than this part of all processes hold it. */
  private static final int SELECTIVE_PART = 4;

  private NearestProcess() {}

  /**
   * A process that is nearly meant.
   *
   * @param index among the candidates
   * @param but what is not as the target asks, for a sentence that begins with the process
   */
  public record Near(int index, String but) {}

  /** The nearest candidate, empty where none is near. */
  public static Optional<Near> of(TargetSettings target, List<TargetMatcher.Candidate> candidates) {
    return byConditions(target, candidates).or(() -> bySpelling(target, candidates));
  }

  /**
   * The candidate that holds most of what is asked. What nearly all of them hold says nothing: an
   * expression whose only part is optional fits every command line.
   */
  private static Optional<Near> byConditions(
      TargetSettings target, List<TargetMatcher.Candidate> candidates) {
    int[] telling = new int[candidates.size()];
    List<List<String>> unmet = new ArrayList<>();
    candidates.forEach(candidate -> unmet.add(new ArrayList<>()));
    for (TargetMatcher.Condition asked : TargetMatcher.conditions(target)) {
      List<Integer> holders = new ArrayList<>();
      for (int i = 0; i < candidates.size(); i++) {
        if (holds(asked, candidates.get(i))) {
          holders.add(i);
        } else {
          unmet.get(i).add(asked.key());
        }
      }
      if (holders.size() == 1 || holders.size() * SELECTIVE_PART <= candidates.size()) {
        holders.forEach(i -> telling[i]++);
      }
    }
    return IntStream.range(0, candidates.size())
        .filter(i -> telling[i] > 0 && !unmet.get(i).isEmpty())
        .boxed()
        .max(Comparator.comparingInt(i -> telling[i]))
        .map(i -> new Near(i, "matches except for " + String.join(" and ", unmet.get(i))));
  }

  private static boolean holds(TargetMatcher.Condition asked, TargetMatcher.Candidate candidate) {
    try {
      return asked.test().holds(candidate, new HashMap<>());
    } catch (BoundedMatch.Undecided e) {
      return false; // Reported where targets are matched.
    }
  }

  private static Optional<Near> bySpelling(
      TargetSettings target, List<TargetMatcher.Candidate> candidates) {
    List<String> wanted = new ArrayList<>();
    target.program().ifPresent(pattern -> wanted.addAll(words(pattern.pattern())));
    target.exe().ifPresent(pattern -> wanted.addAll(words(fileName(pattern.pattern()))));
    target.comm().ifPresent(pattern -> wanted.addAll(words(pattern.pattern())));
    Near nearest = null;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < candidates.size(); i++) {
      List<String> names = new ArrayList<>(candidates.get(i).programs());
      names.add(candidates.get(i).comm());
      int distance =
          wanted.stream()
              .flatMap(word -> names.stream().map(name -> distance(word, name)))
              .min(Comparator.naturalOrder())
              .orElse(Integer.MAX_VALUE);
      if (distance < least) {
        least = distance;
        nearest = new Near(i, "has a similar name");
      }
    }
    return Optional.ofNullable(nearest);
  }

  private static String fileName(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The plain words of an expression's alternatives. */
  private static List<String> words(String expression) {
    List<String> words = new ArrayList<>();
    for (String alternative : expression.split("\\|", -1)) {
      String word = alternative.replaceAll("\\\\.|[^A-Za-z0-9_-]", "");
      if (word.length() >= SPELLING_LETTERS_MIN) {
        words.add(word);
      }
    }
    return words;
  }

  private static int distance(String wanted, String name) {
    boolean within =
        name.length() >= SPELLING_LETTERS_MIN && (name.contains(wanted) || wanted.contains(name));
    int distance = Spelling.distance(wanted, name);
    return within || distance <= wanted.length() / SPELLING_LETTERS_MIN
        ? distance
        : Integer.MAX_VALUE;
  }
}
