package io.leakwatch.target;

import io.leakwatch.config.TargetMatcher;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.proc.identity.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The names under which the history keeps processes that may still live. Where several have one
 * name they are numbered by age; without this a restart of the agent would number those again that
 * were restarted meanwhile, and give each the past of another.
 */
public final class KnownNames {
  private final Map<String, String> byIncarnation;

  private KnownNames(Map<String, String> byIncarnation) {
    this.byIncarnation = byIncarnation;
  }

  /** Reads them; there are none where the history cannot be read. */
  public static KnownNames of(Path history) {
    if (Files.exists(history)) {
      try (HistoryReader reader = HistoryReader.open(history)) {
        return new KnownNames(reader.namesByIncarnation());
      } catch (IOException e) {
        assert e != null; // It takes each process that begins without its past.
      }
    }
    return new KnownNames(Map.of());
  }

  /**
   * Processes in the order in which they get their names: the agent itself, then those with a past,
   * then the oldest.
   */
  public List<TargetFinder.Found> inTurn(List<TargetFinder.Found> found) {
    List<TargetFinder.Found> inTurn = new ArrayList<>(found);
    inTurn.sort(
        Comparator.comparing((TargetFinder.Found one) -> !one.isSelf())
            .thenComparing(one -> of(one.name(), one.info().id()).isEmpty())
            .thenComparingLong(one -> one.info().id().startTicks()));
    return inTurn;
  }

  /** The name of the next process in turn, where others have theirs. */
  public String name(TargetFinder.Found one, Set<String> taken) {
    String name = of(one.name(), one.info().id()).orElse(one.name());
    return taken.contains(name) ? TargetMatcher.unique(one.name(), taken) : name;
  }

  /**
   * The name of a process in the history.
   *
   * @param given the name that the configuration gives it now
   * @return empty where it has none, or one that was made of another
   */
  public Optional<String> of(String given, ProcessId id) {
    return Optional.ofNullable(byIncarnation.get(id.incarnation()))
        .or(() -> Optional.ofNullable(byIncarnation.get(id.start())))
        .filter(name -> name.startsWith(given))
        .filter(name -> name.substring(given.length()).matches("(-\\d+)?"));
  }
}
