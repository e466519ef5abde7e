package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.RssBalance;
import io.leakwatch.export.StackUse;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SlabFill;
import io.leakwatch.heap.golang.GoReport;
import io.leakwatch.heap.golang.GoroutineGroup;
import io.leakwatch.heap.hotspot.HotSpotReport;
import io.leakwatch.heap.jemalloc.JemallocReport;
import io.leakwatch.heap.tcmalloc.TcmallocReport;
import io.leakwatch.region.Layout;
import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.util.List;

/** The part of a process' JSON object that tells of its allocators beside glibc's heaps. */
final class AllocatorJson {
  private static final int NAME_CHARS_MAX = 200;
  private static final int ENTRIES_MAX = 100;

  private AllocatorJson() {}

  /**
   * Writes it.
   *
   * @param isDrawn whether with how full the slabs are
   */
  static void write(JsonWriter json, ProcessView view, boolean isDrawn) throws IOException {
    ProcessView.Heaps heaps = view.heaps();
    Layout layout = view.memory().layout();
    if (layout != null) {
      json.name("allocator_states").beginArray();
      for (AllocatorStates state : AllocatorStates.of(layout, heaps.owners())) {
        writeState(json, state, layout.exact());
      }
      json.endArray();
    }
    if (layout != null) {
      writeOwners(json, RssBalance.of(layout, heaps.owners()), isDrawn);
    }
    if (heaps.stacks() != null) {
      writeStacks(json, heaps.stacks());
    }
    TcmallocReport tcmalloc = heaps.owners().find(TcmallocReport.class);
    if (tcmalloc != null && !tcmalloc.growths().isEmpty()) {
      writeGrowthStacks(json, tcmalloc);
    }
    GoReport go = heaps.owners().find(GoReport.class);
    if (go != null && go.isRecognised()) {
      writeGoroutines(json, go);
    }
    HotSpotReport java = heaps.owners().find(HotSpotReport.class);
    if (java != null && java.isRecognised()) {
      writeJava(json, java);
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

  private static void writeOwners(JsonWriter json, RssBalance balance, boolean isDrawn)
      throws IOException {
    json.name("owners").beginArray();
    for (RssBalance.Line line : balance.owners()) {
      writeOwner(json, line, isDrawn);
    }
    json.endArray();
    json.name("mapped_bytes").value(balance.mappedBytes());
    json.name("stack_bytes").value(balance.stackBytes());
    json.name("file_bytes").value(balance.fileBytes());
    json.name("shared_bytes").value(balance.sharedBytes());
    json.name("unexplained_bytes").value(balance.unexplainedBytes());
  }

  private static void writeOwner(JsonWriter json, RssBalance.Line line, boolean isDrawn)
      throws IOException {
    OwnerReport report = line.report();
    json.beginObject();
    json.name("owner").value(line.owner().wireName());
    json.name("resident_bytes").value(line.residentBytes());
    Recognition recognition = report == null ? null : report.recognition();
    json.name("version").value(recognition == null ? null : recognition.version());
    InspectJson.number(
        json, "confidence", recognition == null ? Double.NaN : recognition.confidence());
    InspectJson.number(
        json, "self_check", recognition == null ? Double.NaN : recognition.selfCheck());
    InspectJson.number(json, "coverage", recognition == null ? Double.NaN : recognition.coverage());
    for (Balance.Part part : Balance.Part.all()) {
      known(json, part.fieldName(), report == null ? -1 : line.balance().bytes(part));
    }
    known(json, "live_objects", report == null ? -1 : report.objects());
    json.name("unexplained_bytes").value(line.unexplainedBytes());
    json.name("release_call").value(report == null ? null : report.release().call());
    json.name("release_setting").value(report == null ? null : report.release().setting());
    writeProfiles(json, report == null ? List.of() : report.profiles());
    json.name("size_classes").beginArray();
    for (SizeClass size : report == null ? List.<SizeClass>of() : report.census()) {
      json.beginObject();
      json.name("object_bytes").value(size.chunkBytes());
      json.name("count").value(size.count());
      json.name("bytes").value(size.bytes());
      json.endObject();
    }
    json.endArray();
    if (isDrawn) {
      writeSlabs(json, report == null ? List.of() : report.slabFill());
    }
    json.endObject();
  }

  /** How full the slabs are, by their class; the histogram from below 10 % to 90 % and more. */
  private static void writeSlabs(JsonWriter json, List<SlabFill> slabs) throws IOException {
    json.name("slab_fill").beginArray();
    for (SlabFill fill : slabs) {
      json.beginObject();
      json.name("class_bytes").value(fill.classBytes());
      json.name("slabs").value(fill.slabs());
      json.name("capacity").value(fill.capacity());
      json.name("live").value(fill.live());
      json.name("histogram").beginArray();
      for (long bucket : fill.histogram()) {
        json.value(bucket);
      }
      json.endArray().endObject();
    }
    json.endArray();
  }

  private static void writeProfiles(JsonWriter json, List<MemoryProfile> profiles)
      throws IOException {
    json.name("profiles").beginArray();
    for (MemoryProfile profile : profiles) {
      json.beginObject();
      json.name("basis").value(profile.basis().wireName());
      json.name("entries").beginArray();
      for (MemoryProfile.Entry entry : profile.brief(ENTRIES_MAX).entries()) {
        json.beginObject();
        json.name("bytes").value(entry.bytes());
        json.name("objects").value(entry.objects());
        json.name("frames").beginArray();
        for (MemoryProfile.Frame frame : entry.frames()) {
          json.value(ForeignText.harmless(frame.name(), NAME_CHARS_MAX));
        }
        json.endArray().endObject();
      }
      json.endArray().endObject();
    }
    json.endArray();
  }

  private static void writeGrowthStacks(JsonWriter json, TcmallocReport tcmalloc)
      throws IOException {
    json.name("growth_stacks").beginArray();
    for (TcmallocReport.HeapGrowth growth : tcmalloc.growths()) {
      json.beginObject();
      json.name("bytes").value(growth.bytes());
      json.name("count").value(growth.count());
      json.name("calls").beginArray();
      for (String call : growth.calls()) {
        json.value(ForeignText.harmless(call, NAME_CHARS_MAX));
      }
      json.endArray().endObject();
    }
    json.endArray();
  }

  private static void writeGoroutines(JsonWriter json, GoReport go) throws IOException {
    json.name("collections").value(go.collections());
    json.name("goroutines").beginArray();
    for (GoroutineGroup group : go.goroutines().groups()) {
      json.beginObject();
      json.name("created_at").value(ForeignText.harmless(group.createdAt(), NAME_CHARS_MAX));
      json.name("runs").value(ForeignText.harmless(group.runs(), NAME_CHARS_MAX));
      json.name("state").value(group.state());
      json.name("wait_reason").value(ForeignText.harmless(group.waitReason(), NAME_CHARS_MAX));
      json.name("count").value(group.count());
      json.name("stack_bytes").value(group.stackBytes());
      json.endObject();
    }
    json.endArray();
  }

  private static void writeJava(JsonWriter json, HotSpotReport java) throws IOException {
    HotSpotReport.Figures figures = java.figures();
    json.name("java").beginObject();
    json.name("version").value(ForeignText.harmless(figures.version(), NAME_CHARS_MAX));
    json.name("collector").value(figures.collector());
    known(json, "collections", java.collections());
    known(json, "threads", figures.threads());
    known(json, "classes", figures.classes());
    known(json, "unloaded_classes", figures.unloadedClasses());
    known(json, "metaspace_bytes", figures.metaspaceBytes());
    known(json, "direct_bytes", figures.directBytes());
    json.name("notes").beginArray();
    for (String note : java.recognition().notes()) {
      json.value(ForeignText.harmless(note, NAME_CHARS_MAX));
    }
    json.endArray().endObject();
  }

  private static void writeStacks(JsonWriter json, StackUse stacks) throws IOException {
    json.name("stacks").beginObject();
    json.name("count").value(stacks.count());
    json.name("without_thread").value(stacks.withoutThread());
    json.name("resident_bytes").value(stacks.residentBytes());
    json.name("without_thread_bytes").value(stacks.withoutThreadBytes());
    json.name("sizes").beginArray();
    for (StackUse.Size size : stacks.sizes()) {
      json.beginObject();
      json.name("stack_bytes").value(size.bytes());
      json.name("count").value(size.count());
      json.name("without_thread").value(size.withoutThread());
      json.endObject();
    }
    json.endArray().endObject();
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
    for (SizeClass size : jemalloc.census()) {
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
