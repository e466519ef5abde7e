package io.leakwatch.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a guest writes down is judged, and what it does not write down is wrong. */
class RequirementsTest {
  private static final String HEAP =
      "said level.1 {'status':0,'json':{'problem':'','ptmalloc':{'in_use_bytes':9,'cached_bytes':32,"
          + "'mmapped_bytes':0,'mmapped_chunks':0,'arenas':[{'system_bytes':4096,'free_bytes':96,"
          + "'top_bytes':1000}]}}}";

  private static List<String> malloc(long restBytes) {
    return Stream.of(
            "<malloc version=\"1\">",
            "<heap nr=\"0\">",
            "<total type=\"fast\" count=\"0\" size=\"0\"/>",
            "<total type=\"rest\" count=\"3\" size=\"" + restBytes + "\"/>",
            "<system type=\"current\" size=\"4096\"/>",
            "</heap>",
            "<total type=\"mmap\" count=\"0\" size=\"0\"/>",
            "</malloc>",
            "done 1")
        .map(line -> "truth level " + line)
        .toList();
  }

  private static Row row(List<String> lines, String check, String yama) {
    return Requirements.judge(Transcript.of(lines)).stream()
        .filter(row -> row.check().equals(check) && row.yama().equals(yama))
        .findFirst()
        .orElseThrow();
  }

  private static Row heap(long restBytes) {
    return row(
        Stream.concat(malloc(restBytes).stream(), Stream.of(HEAP.replace('\'', '"'))).toList(),
        "heap of glibc",
        "1");
  }

  @Test
  void nothingShouldBeRightOfAGuestThatSaysNothing() {
    List<Row> rows = Requirements.judge(Transcript.of(List.of("Kernel panic", "truth", "said x")));
    assertTrue(rows.size() > 20);
    assertEquals(List.of(), rows.stream().filter(Row::right).toList());
  }

  @Test
  void aHeapShouldBeRightToTheByte() {
    // 96 free bytes and a top of 1,000 without 32 in the tcache; each chunk but the top counts one
    // more.
    assertEquals("", heap(1064 + 2).fault());
    assertEquals("free 1064, not 1063", heap(1065).fault());
  }

  @Test
  void aPageScanShouldBeSaidFromItsVersionOn() {
    String says = "PAGEMAP_SCAN works\\nok processes of all users can be read";
    for (String release : List.of("6.7.12-amd64", "6.12.117+deb13-cloud-amd64", "7.2.13-amd64")) {
      assertTrue(selfCheck(release, says).right(), release);
    }
    for (String release : List.of("6.1.0-50-cloud-amd64", "5.10.0-32-amd64", "6.6-rc7")) {
      assertFalse(selfCheck(release, says).right(), release);
    }
  }

  private static Row selfCheck(String release, String says) {
    return row(
        List.of(
            "truth node release " + release,
            "said check {\"status\":0,\"text\":\"" + says + "\",\"error\":\"\"}"),
        "what check says",
        "");
  }

  @Test
  void theTableShouldShowWhatIsWrongAndWhatWasSkipped() {
    String table =
        Table.markdown(
            List.of(
                Table.Run.skipped("bullseye"),
                new Table.Run(
                    "sid",
                    "7.2",
                    "2026-12-01",
                    List.of(
                        new Row("heap", "1", "a | `b`\n", "no | heap"),
                        new Row("heap", "2", "well", "")))));
    assertTrue(table.contains("Right: 1 of 2 checks. Skipped: bullseye, not fetched.\n"), table);
    assertTrue(table.contains("\n| heap | 1 | **wrong**: no   heap; a    b |\n"), table);
    assertTrue(table.contains("\n| heap | 2 | well |\n"), table);
  }
}
