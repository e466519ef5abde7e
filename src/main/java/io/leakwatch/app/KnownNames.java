package io.leakwatch.app;

import io.leakwatch.history.HistoryReader;
import io.leakwatch.proc.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The names under which the history keeps processes that may still live. Where several have one
 * name they are numbered by age; without this a restart of the agent would number those anew that
 * were restarted meanwhile, and give each the past of another.
 */
final class KnownNames {
  private final Map<String, String> byIncarnation;

  private KnownNames(Map<String, String> byIncarnation) {
    this.byIncarnation = byIncarnation;
  }

  /** Reads them; there are none where the history cannot be read. */
  static KnownNames of(Path history) {
    if (Files.exists(history)) {
      try (HistoryReader reader = HistoryReader.open(history)) {
        return new KnownNames(reader.namesByIncarnation());
      } catch (IOException e) {
        assert e != null; // It is told of each process that begins without its past.
      }
    }
    return new KnownNames(Map.of());
  }

  /**
   * The name of a process in the history.
   *
   * @param given the name that the configuration gives it now
   * @return empty where it has none, or one that was made of another
   */
  Optional<String> of(String given, ProcessId id) {
    return Optional.ofNullable(byIncarnation.get(SampleAssembly.incarnation(id)))
        .or(() -> Optional.ofNullable(byIncarnation.get(SampleAssembly.start(id))))
        .filter(name -> name.startsWith(given))
        .filter(name -> name.substring(given.length()).matches("(-\\d+)?"));
  }
}
