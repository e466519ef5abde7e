package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.region.Layout;
import java.io.IOException;

/** The part of a process' JSON object that tells of its allocators beside glibc's heaps. */
final class AllocatorJson {
  private AllocatorJson() {}

  static void write(JsonWriter json, ProcessView view) throws IOException {
    ProcessView.Heaps heaps = view.heaps();
    Layout layout = view.memory().layout();
    if (layout != null) {
      json.name("allocator_states").beginArray();
      for (AllocatorStates state : AllocatorStates.of(layout, heaps.ptmalloc(), heaps.jemalloc())) {
        writeState(json, state, layout.exact());
      }
      json.endArray();
    }
    JemallocReport jemalloc = heaps.jemalloc();
    if (jemalloc != null && !jemalloc.arenas().isEmpty()) {
      writeJemalloc(json, jemalloc);
    }
    if (!Double.isNaN(heaps.sizeGrowth().seconds())) {
      writeGrowth(json, heaps.sizeGrowth());
    }
  }

  private static void writeState(JsonWriter json, AllocatorStates state, boolean exact)
      throws IOException {
    json.beginObject();
    json.name("allocator").value(state.allocator());
    json.name("mapped_bytes").value(state.pages().mappedBytes());
    json.name("resident_bytes").value(state.pages().residentBytes());
    known(json, "lazy_free_bytes", exact ? state.pages().lazyFreeBytes() : -1);
    json.name("swap_bytes").value(state.pages().swapBytes());
    json.name("absent_bytes").value(state.absentBytes());
    known(json, "in_use_bytes", state.inUseBytes());
    known(json, "held_bytes", state.heldBytes());
    json.name("not_known").value(state.notKnown());
    json.endObject();
  }

  private static void known(JsonWriter json, String name, long bytes) throws IOException {
    json.name(name);
    if (bytes < 0) {
      json.nullValue();
    } else {
      json.value(bytes);
    }
  }

  private static void writeJemalloc(JsonWriter json, JemallocReport jemalloc) throws IOException {
    json.name("jemalloc").beginObject();
    json.name("layout").value(jemalloc.layout());
    json.name("coverage").value(jemalloc.coverage());
    writeSums(json, jemalloc.total());
    json.name("arenas").beginArray();
    for (JemallocReport.Arena arena : jemalloc.arenas()) {
      json.beginObject();
      json.name("index").value(arena.index());
      writeSums(json, arena);
      json.endObject();
    }
    json.endArray();
    json.name("census").beginArray();
    for (HeapReport.SizeClass size : jemalloc.census()) {
      json.beginObject();
      json.name("allocation_bytes").value(size.chunkBytes());
      json.name("count").value(size.count());
      json.name("bytes").value(size.bytes());
      json.endObject();
    }
    json.endArray();
    json.name("notes").beginArray();
    for (String note : jemalloc.notes()) {
      json.value(note);
    }
    json.endArray().endObject();
  }

  private static void writeSums(JsonWriter json, JemallocReport.Arena sums) throws IOException {
    json.name("allocated_bytes").value(sums.allocatedBytes());
    json.name("allocations").value(sums.allocations());
    json.name("active_bytes").value(sums.activeBytes());
    json.name("dirty_bytes").value(sums.dirtyBytes());
    json.name("muzzy_bytes").value(sums.muzzyBytes());
    json.name("retained_bytes").value(sums.retainedBytes());
  }

  private static void writeGrowth(JsonWriter json, CensusHistory.Growth growth) throws IOException {
    json.name("census_growth").beginObject();
    json.name("seconds").value(growth.seconds());
    json.name("sizes").beginArray();
    for (SizeCensus.Growth size : growth.sizes()) {
      json.beginObject();
      json.name("chunk_bytes").value(size.chunkBytes());
      json.name("count_growth").value(size.count());
      json.name("bytes_growth").value(size.bytes());
      json.endObject();
    }
    json.endArray().endObject();
  }
}
