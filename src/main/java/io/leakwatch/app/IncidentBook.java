package io.leakwatch.app;

import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentJson;
import io.leakwatch.export.IncidentSource;
import io.leakwatch.history.HistoryReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The incidents as the API shows them: their heads in memory, the evidence in the history file,
 * where it is read when somebody asks for it. Written by the sampler, read by all.
 */
final class IncidentBook implements IncidentSource {
  private static final Logger log = LoggerFactory.getLogger(IncidentBook.class);
  private static final int HEADS_MAX = 500;

  private volatile Path file = Path.of("");
  private volatile List<Incident> heads = List.of();

  /** Takes over what a history file holds. */
  void open(Path history) {
    file = history;
    List<Incident> found = new ArrayList<>();
    if (Files.exists(history)) {
      try (HistoryReader reader = HistoryReader.open(history)) {
        reader.incidents(
            kept ->
                IncidentJson.read(kept.json()).map(Incident::withoutReport).ifPresent(found::add));
      } catch (IOException e) {
        log.warn("earlier incidents are not shown: {}", e.getMessage());
      }
    }
    heads = bounded(found);
  }

  /** Puts an incident in, or in the place of the one with its id. */
  void put(Incident incident) {
    List<Incident> next = new ArrayList<>(heads);
    next.removeIf(old -> old.id().equals(incident.id()));
    next.add(incident.withoutReport());
    heads = bounded(next);
  }

  private static List<Incident> bounded(List<Incident> incidents) {
    return incidents.stream()
        .sorted(Comparator.comparing(Incident::since).reversed())
        .limit(HEADS_MAX)
        .toList();
  }

  @Override
  public List<Incident> newest() {
    return heads;
  }

  @Override
  public Optional<Incident> find(String id) {
    if (heads.stream().noneMatch(head -> head.id().equals(id))) {
      return Optional.empty();
    }
    try (HistoryReader reader = HistoryReader.open(file)) {
      return reader.incident(id).flatMap(kept -> IncidentJson.read(kept.json()));
    } catch (IOException e) {
      log.warn("incident {} cannot be read: {}", id, e.getMessage());
      return Optional.empty();
    }
  }
}
