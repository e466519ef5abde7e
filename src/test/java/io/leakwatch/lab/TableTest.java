package io.leakwatch.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What a process holds is shown in the table and cannot break it. */
class TableTest {
  @Test
  void wordsOfAProcessShouldStayInTheirCell() {
    Look.Suspect suspect = new Look.Suspect(64, 900, "a | `b`\n| c [d]", "malloc", 0.5);
    Row row =
        new Row(
            new Row.Subject("redis", "7", "jemalloc", "idle", "healthy"),
            new Row.Said("jemalloc", "leak", 0.95, "", List.of(suspect), List.of(), "steady"),
            new Look.Measured("", "", 0),
            List.of("a | fault"),
            false);

    List<String> lines =
        Table.markdown(List.of(new Table.Run("redis", "today", List.of(row)))).lines().toList();

    assertTrue(lines.contains("Right: 0 of 1 rows."), lines::toString);
    assertEquals(
        List.of(
            "| idle | jemalloc | leak, 95 % | `64 B malloc a    b    c [d]` | 50 % | steady |"
                + " healthy | **no**: `a   fault` |"),
        lines.stream().filter(line -> line.startsWith("| idle")).toList());
    assertTrue(lines.contains("| 95 % to 100 % | 1 | 95 % | 0 | 0 % |"), lines::toString);
  }
}
