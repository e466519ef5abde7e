package io.leakwatch.export.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.http.AnswerMemory;
import io.leakwatch.export.http.Request;
import io.leakwatch.export.http.Response;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessListTest {
  private static final Snapshot SNAPSHOT =
      new Snapshot(
          Views.NOON,
          List.of(
              Views.leaking("curve-mds", Severity.CRITICAL, VerdictKind.LEAK),
              Views.leaking("etcd", Severity.NONE, VerdictKind.STEADY),
              Views.denied("secret")));

  private static ProcessList read(String json) throws IOException {
    return ProcessList.read(new StringReader(json));
  }

  @Test
  void whatTheApiAnswersShouldGiveTheRowsThatTheAgentItselfWouldShow() throws IOException {
    try (Response answer =
        new Api(() -> SNAPSHOT, Api.Sources.NONE, "test")
            .get(new AnswerMemory(1 << 20), Request.of("/api/v1/processes"))
            .orElseThrow()) {
      String json = new String(answer.body().plain().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(ProcessList.of(SNAPSHOT), read(json));
    }
  }

  @Test
  void bytesOfTwoAllocatorsShouldBeAddedAndUnknownOnesNotBeZero() throws IOException {
    ProcessRow both =
        read("""
                {"processes":[{"jemalloc":{"allocated_bytes":100,"active_bytes":120,
                "dirty_bytes":7,"muzzy_bytes":3},"ptmalloc":{"in_use_bytes":5,"free_bytes":1,"top_bytes":1,
                "pinned_bytes":1,"arena_count":4}}]}
                """)
            .rows()
            .get(0);
    assertEquals(105, both.memory().inUseBytes());
    assertEquals(32, both.memory().freeBytes());
    ProcessRow none = read("{\"processes\":[{\"rss_bytes\":null}]}").rows().get(0);
    assertTrue(
        Stream.of(
                none.memory().residentBytes(), none.memory().inUseBytes(), none.exhaustionSeconds())
            .allMatch(bytes -> Double.isNaN(bytes)));
  }

  @Test
  void fieldsOfALaterReleaseShouldBePassedOver() throws IOException {
    ProcessList list =
        read("{\"new\":{\"a\":[1]},\"processes\":[{\"name\":\"mds\",\"later\":[{}],\"pid\":7}]}");
    assertEquals("mds", list.rows().get(0).name());
    assertEquals(Instant.EPOCH, list.takenAt());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "<html>",
        "{\"processes\":{}}",
        "{\"processes\":[1]}",
        "{\"processes\":[{\"pid\":\"x\"}]}",
        "{\"processes\":[{\"severity\":\"loud\"}]}",
        "{\"taken_at\":\"yesterday\"}",
        "{\"processes\":[{\"recent\":[[1]]}]}",
        "{\"processes\":[{}"
      })
  void somethingElseShouldBeRefused(String answer) {
    assertThrows(IOException.class, () -> read(answer));
  }

  @Test
  void anAnswerWithoutEndShouldNotTakeMemoryWithoutEnd() throws IOException {
    assertThrows(IOException.class, () -> read("{\"processes\":[" + "{},".repeat(5000)));
    String reasons = "\"because\",".repeat(10_000) + "\"\"";
    String points = "[1,2],".repeat(10_000) + "[3,4]";
    ProcessRow row =
        read("{\"processes\":[{\"reasons\":[" + reasons + "],\"recent\":[" + points + "]}]}")
            .rows()
            .get(0);
    assertEquals(ProcessRow.REASONS_MAX, row.assessment().reasons().size());
    assertEquals(ProcessRow.POINTS_MAX, row.recent().size());
    assertEquals(4, row.recent().get(ProcessRow.POINTS_MAX - 1).bytes());
  }

  @FuzzTest
  void anyAnswerShouldBeReadOrRefused(byte[] answer) {
    try {
      ProcessList list = read(new String(answer, StandardCharsets.UTF_8));
      assertFalse(ProcessTable.plain(list, Views.NOON).contains("\u001b"));
    } catch (IOException e) {
      assertFalse(String.valueOf(e.getMessage()).isEmpty());
    }
  }
}
