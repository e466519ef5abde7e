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
            new Row.Said(
                "jemalloc", 0.004, "leak", 0.95, "", List.of(suspect), List.of(), "steady"),
            new Look.Measured("", "", 0, 0),
            List.of("a | fault"),
            false);

    List<String> lines =
        Table.markdown(List.of(new Table.Run("redis", "today", List.of(row)))).lines().toList();

    assertTrue(lines.contains("Right: 0 of 1 rows."), lines::toString);
    assertEquals(
        List.of(
            "| idle | jemalloc | 0.4 % | leak, 95 % | `64 B malloc a    b    c [d]` | 50 % | steady |"
                + " healthy | **no**: `a   fault` |"),
        lines.stream().filter(line -> line.startsWith("| idle")).toList());
    assertTrue(lines.contains("| 95 % to 100 % | 1 | 95 % | 0 | 0 % |"), lines::toString);
  }

  @Test
  void looksAtThePhaseShouldShareALine() {
    Row right = row("growing", List.of());
    Row wrong = row("leak", List.of("a fault"));

    String table =
        Table.markdown(List.of(new Table.Run("redis", "today", List.of(right, right, right))));
    assertTrue(table.contains("| steady | jemalloc |  | growing (3) |"), table);
    assertTrue(table.contains("| 3 of 3 |"), table);
    assertTrue(table.contains("Right: 1 of 1 rows."), table);
    assertTrue(table.contains("| 95 % to 100 % | 3 | 95 % | 3 | 100 % |"), table);

    table = Table.markdown(List.of(new Table.Run("redis", "today", List.of(right, wrong, right))));
    assertTrue(table.contains("| steady | jemalloc |  | growing (2), leak (1) |"), table);
    assertTrue(table.contains("| **no**: 2 of 3; `a fault` |"), table);
    assertTrue(table.contains("Right: 0 of 1 rows."), table);
  }

  private static Row row(String verdict, List<String> faults) {
    return new Row(
        new Row.Subject("redis", "7", "jemalloc", "steady", "healthy"),
        new Row.Said("jemalloc", null, verdict, 0.95, "", List.of(), List.of(), "steady"),
        new Look.Measured("", "", 0, 0),
        faults,
        faults.isEmpty());
  }
}
