package io.leakwatch.export;

import java.util.List;
import java.util.Optional;

/** Where the API finds incidents. Called by several threads at once; answers fast, bounded. */
public interface IncidentSource {

  /** No incidents are kept. */
  IncidentSource NONE =
      new IncidentSource() {
        @Override
        public List<Incident> newest() {
          return List.of();
        }

        @Override
        public Optional<Incident> find(String id) {
          return Optional.empty();
        }
      };

  /** The newest first, bounded. */
  List<Incident> newest();

  Optional<Incident> find(String id);
}
