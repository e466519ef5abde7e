package io.leakwatch.export.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Views;
import io.leakwatch.export.json.InspectJson;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.hotspot.HotSpotReport;
import io.leakwatch.heap.hotspot.HotSpotReport.ClassCount;
import io.leakwatch.heap.hotspot.HotSpotReport.Figures;
import io.leakwatch.verdict.VerdictKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class InspectTest {
  private final ProcessView view = Views.leaking("curve-mds", Severity.CRITICAL, VerdictKind.LEAK);

  @Test
  void jsonShouldHoldEveryFieldOfTheContract() {
    JsonObject json = JsonParser.parseString(InspectJson.of(view)).getAsJsonObject();
    for (String field :
        List.of(
            "pid",
            "name",
            "exe",
            "start_time",
            "allocators",
            "rss_bytes",
            "anonymous_bytes",
            "swap_bytes",
            "lazy_free_bytes",
            "mapping_count",
            "kinds",
            "ptmalloc",
            "verdict",
            "confidence",
            "reasons",
            "growth_bytes_per_second",
            "growth",
            "limits",
            "changes")) {
      assertTrue(json.has(field), field);
    }
    JsonObject cgroup = json.getAsJsonArray("resources").get(0).getAsJsonObject();
    assertEquals("cgroup", cgroup.get("resource").getAsString());
    assertEquals(64_000_000_000L, cgroup.get("limit").getAsLong());
    assertTrue(cgroup.has("limit_name") && cgroup.has("used"));
    JsonObject arena = json.getAsJsonObject("kinds").getAsJsonObject("arena");
    assertEquals(66, arena.get("count").getAsInt());
    JsonObject heap = json.getAsJsonObject("ptmalloc");
    for (String field :
        List.of(
            "arena_count",
            "heap_count",
            "system_bytes",
            "in_use_bytes",
            "free_bytes",
            "top_bytes",
            "trimmable_bytes",
            "pinned_bytes",
            "coverage",
            "arenas")) {
      assertTrue(heap.has(field), field);
    }
    JsonObject pin = heap.getAsJsonArray("arenas").get(1).getAsJsonObject().getAsJsonObject("pin");
    assertEquals("0x7f0043ffff00", pin.get("address").getAsString());
    assertEquals(160, pin.get("chunk_bytes").getAsLong());
  }

  @Test
  void jsonShouldSayNullForWhatIsUnknown() {
    JsonObject json =
        JsonParser.parseString(InspectJson.of(Views.denied("secret"))).getAsJsonObject();
    assertTrue(json.get("rss_bytes").isJsonNull());
    assertFalse(json.has("ptmalloc"));
    assertFalse(json.has("verdict"));
  }

  @Test
  void textShouldShowWhereTheMemoryIs() {
    String text = InspectText.of(view, false);
    for (String part :
        List.of(
            "curve-mds",
            "arena",
            "+2.7 GiB/day",
            "malloc_trim(0)",
            "pinned by a chunk of 160",
            "leak",
            "memory.max of /system.slice/curve.service: reached in 25 h")) {
      assertTrue(text.contains(part), part + " in\n" + text);
    }
    assertFalse(text.contains("\u001b"));
    assertTrue(InspectText.of(view, true).contains("\u001b[31;1mleak\u001b[0m"));
  }

  @Test
  void sumsOfHeapsThatWereNotReadShouldNotBeShownAsZero() {
    HeapReport unread =
        new HeapReport(
            new HeapReport.Walk("layout not recognised", 0, List.of()),
            List.of(),
            HeapReport.Mmapped.NONE,
            0,
            List.of());
    ProcessView seen = with(unread);
    String text = InspectText.of(seen, false);
    assertTrue(text.contains("ptmalloc  heaps not read: layout not recognised\n"), text);
    assertFalse(text.contains("in use 0 B"), text);
  }

  private ProcessView with(OwnerReport report) {
    return new ProcessView(
        view.identity(),
        view.reading(),
        view.memory(),
        new ProcessView.Heaps(OwnerReports.of(report), null, view.heaps().sizeGrowth()),
        view.assessment(),
        view.work(),
        view.resources());
  }

  @Test
  void shouldShowWhatAJvmCountsItself() {
    ProcessView seen =
        with(jvm(new Figures("17.0.15", "G1", 42, new ClassCount(9000, 120), 64 << 20, -1, -1)));
    String text = InspectText.of(seen, false);
    assertTrue(
        text.contains(
            "java (17.0.15, G1)  7 collections, 42 threads, 8880 classes (120 unloaded),"
                + " metaspace 64 MiB, direct buffers ?\njava: a note\n"),
        text);
    JsonObject java =
        JsonParser.parseString(InspectJson.of(seen)).getAsJsonObject().getAsJsonObject("java");
    assertEquals(
        "{\"version\":\"17.0.15\",\"collector\":\"G1\",\"collections\":7,\"threads\":42,"
            + "\"classes\":8880,\"unloaded_classes\":120,\"metaspace_bytes\":67108864,"
            + "\"direct_bytes\":null,\"notes\":[\"a note\"]}",
        java.toString());
  }

  private static HotSpotReport jvm(Figures figures) {
    return new HotSpotReport(
        new Recognition("17.0.15", 1, Double.NaN, 1, List.of("a note")),
        Balance.ZERO,
        0,
        7,
        figures,
        List.of(),
        List.of());
  }

  @Test
  void namesShouldNotReachTheTerminalRaw() {
    ProcessView hostile =
        Views.process(
            "x\u001b]0;owned\u0007\n\u202etxt",
            Severity.NONE,
            VerdictKind.STEADY,
            "/tmp/%s%n\r\u001b[2J");
    String text = InspectText.of(hostile, false);
    assertFalse(text.matches("(?s).*[\u001b\u0007\r\u202e].*"), text);
  }
}
