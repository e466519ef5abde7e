package io.leakwatch.export.table;

import com.google.gson.stream.JsonReader;
import io.leakwatch.export.Snapshot;
import java.io.IOException;
import java.io.Reader;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * All watched processes at one time, as rows of the live view.
 *
 * @param takenAt {@link Instant#EPOCH} before the first round
 */
public record ProcessList(Instant takenAt, List<ProcessRow> rows) {
  public static final ProcessList EMPTY = new ProcessList(Instant.EPOCH, List.of());

  private static final int ROWS_MAX = 4096;

  public ProcessList {
    rows = List.copyOf(rows);
  }

  public static ProcessList of(Snapshot snapshot) {
    return new ProcessList(
        snapshot.takenAt(), snapshot.processes().stream().map(ProcessRow::of).toList());
  }

  /**
   * Reads what {@code /api/v1/processes} answers, as it comes; what is not shown is not kept.
   *
   * @throws IOException also where it is something else
   */
  public static ProcessList read(Reader text) throws IOException {
    Instant takenAt = Instant.EPOCH;
    List<ProcessRow> rows = new ArrayList<>();
    try {
      JsonReader json = new JsonReader(text);
      json.beginObject();
      while (json.hasNext()) {
        switch (json.nextName()) {
          case "taken_at" -> takenAt = Instant.parse(json.nextString());
          case "processes" -> {
            json.beginArray();
            while (json.hasNext()) {
              if (rows.size() == ROWS_MAX) {
                throw new IOException("more than " + ROWS_MAX + " processes");
              }
              rows.add(ProcessRowReader.read(json));
            }
            json.endArray();
          }
          default -> json.skipValue();
        }
      }
      json.endObject();
    } catch (IllegalStateException | IllegalArgumentException | DateTimeException e) {
      throw new IOException("the answer does not come from leakwatch: " + e.getMessage(), e);
    }
    return new ProcessList(takenAt, rows);
  }
}
