package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapStrip;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.SizeClass;
import java.io.IOException;

/** What glibc's malloc holds, as the member {@code ptmalloc} of a process' JSON object. */
final class PtmallocJson {
  private PtmallocJson() {}

  /**
   * Writes the member.
   *
   * @param isDrawn whether with pictures of the heaps
   */
  static void write(JsonWriter json, HeapReport heap, boolean isDrawn) throws IOException {
    HeapTotals totals = HeapTotals.of(heap);
    json.name("ptmalloc").beginObject();
    InspectJson.text(json, "layout", heap.walk().layout());
    json.name("arena_count").value(heap.arenaCount());
    json.name("heap_count").value(totals.heapCount());
    json.name("system_bytes").value(totals.systemBytes());
    json.name("in_use_bytes").value(totals.inUseBytes());
    json.name("untouched_bytes").value(heap.untouchedBytes());
    json.name("free_bytes").value(totals.freeBytes());
    json.name("top_bytes").value(totals.topBytes());
    json.name("trimmable_bytes").value(totals.trimmableBytes());
    json.name("pinned_bytes").value(totals.pinnedBytes());
    json.name("mmapped_bytes").value(heap.mmapped().bytes());
    json.name("mmapped_chunks").value(heap.mmapped().chunks());
    json.name("cached_bytes").value(heap.cachedBytes());
    InspectJson.number(json, "coverage", heap.walk().coverage());
    json.name("arenas").beginArray();
    for (HeapReport.Arena arena : heap.arenas()) {
      writeArena(json, arena);
    }
    json.endArray();
    if (isDrawn) {
      writeStrips(json, heap.strips());
    }
    json.name("census").beginArray();
    for (SizeClass size : heap.census()) {
      json.beginObject();
      json.name("chunk_bytes").value(size.chunkBytes());
      json.name("count").value(size.count());
      json.name("bytes").value(size.bytes());
      json.endObject();
    }
    json.endArray();
    json.name("notes").beginArray();
    for (String note : heap.walk().notes()) {
      json.value(InspectJson.harmless(note));
    }
    json.endArray().endObject();
  }

  private static void writeStrips(JsonWriter json, HeapStrips strips) throws IOException {
    json.name("strips").beginArray();
    for (HeapStrip strip : strips.list()) {
      json.beginObject();
      json.name("arena").value(strip.arena());
      json.name("main").value(strip.main());
      json.name("address").value(InspectJson.address(strip.address()));
      json.name("cell_bytes").value(strip.cellBytes());
      json.name("cells").value(strip.cells());
      InspectJson.number(json, "pin_cell", strip.pinCell() < 0 ? Double.NaN : strip.pinCell());
      json.endObject();
    }
    json.endArray();
    json.name("strips_omitted").value(strips.omitted());
  }

  private static void writeArena(JsonWriter json, HeapReport.Arena arena) throws IOException {
    json.beginObject();
    json.name("index").value(arena.index());
    json.name("main").value(arena.main());
    json.name("address").value(InspectJson.address(arena.address()));
    HeapTotals totals = arena.totals();
    json.name("heap_count").value(totals.heapCount());
    json.name("system_bytes").value(totals.systemBytes());
    json.name("in_use_bytes").value(totals.inUseBytes());
    json.name("untouched_bytes").value(arena.absent().untouchedBytes());
    json.name("in_use_chunks").value(arena.inUseChunks());
    json.name("free_bytes").value(totals.freeBytes());
    json.name("top_bytes").value(totals.topBytes());
    json.name("trimmable_bytes").value(totals.trimmableBytes());
    json.name("pinned_bytes").value(totals.pinnedBytes());
    json.name("unknown_bytes").value(arena.unknownBytes());
    HeapReport.Pin pin = arena.pin();
    if (pin != null) {
      json.name("pin").beginObject();
      json.name("address").value(InspectJson.address(pin.address()));
      json.name("chunk_bytes").value(pin.chunkBytes());
      InspectJson.text(json, "content", pin.content());
      json.name("freed_by_release_bytes").value(pin.freedByReleaseBytes());
      if (!pin.holder().isEmpty()) {
        InspectJson.text(json, "holder", pin.holder());
      }
      json.endObject();
    }
    json.endObject();
  }
}
