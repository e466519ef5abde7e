package io.leakwatch.diagnosis;

import io.leakwatch.heap.ChunkNames;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.holders.HolderProgress;
import io.leakwatch.heap.holders.HolderReport;
import io.leakwatch.heap.holders.HolderSearch;
import io.leakwatch.heap.holders.HolderSettings;
import io.leakwatch.heap.holders.SoughtMemory;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.symbols.Symbolizer;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks of a sample of each suspect, and of what pins the heaps, who holds it. */
final class HolderNaming {
  private static final String CHUNKS = "malloc";
  private static final String NOBODY = "nobody";

  /** A pin that keeps less is reported nowhere. */
  private static final long PINNED_BYTES_MIN = 1 << 20;

  private final HolderSettings settings;
  private final HolderSearch search;
  private final List<String> notes;

  /**
   * A question.
   *
   * @param pace receives each read
   * @param progress receives each piece of memory that was searched
   * @param notes takes what could not be seen
   */
  HolderNaming(
      HolderSettings settings,
      WalkSettings walk,
      ReadPace pace,
      DiagnosisProgress progress,
      List<String> notes) {
    this.settings = settings;
    this.notes = notes;
    HolderProgress passes =
        (pass, done, total) ->
            progress.at(
                String.format(Locale.ROOT, "searching for holders, pass %d", pass),
                0.94 + 0.05 * Math.min(1, (double) done / Math.max(1, total)));
    this.search = new HolderSearch(settings, walk, ReadMeter.UNPACED, pace, passes);
  }

  /**
   * The answers.
   *
   * @param suspects as asked, the first ones with their holders
   * @param heap as asked, the pins with theirs
   */
  record Answer(List<Suspect> suspects, @Nullable HeapReport heap) {}

  Answer ask(
      ProcessReader reader,
      MappingTable table,
      RegionMap regions,
      Symbolizer symbols,
      ChunkNames names,
      List<Suspect> suspects,
      @Nullable HeapReport heap) {
    List<HeapReport.Pin> pins = heap == null ? List.of() : pins(heap);
    List<SoughtMemory> sought = new ArrayList<>();
    for (int i = 0; i < pins.size(); i++) {
      HeapReport.Pin pin = pins.get(i);
      sought.add(SoughtMemory.ofChunk(pin.address(), pin.chunkBytes(), suspects.size() + i));
    }
    Set<Long> taken = pins.stream().map(HeapReport.Pin::address).collect(Collectors.toSet());
    int asked = Math.min(settings.groupsMax(), suspects.size());
    for (int i = 0; i < asked; i++) {
      addSample(suspects.get(i), i, taken, sought);
    }
    if (asked < suspects.size()) {
      notes.add("holders were searched for the first " + asked + " suspects only");
    }
    if (sought.isEmpty()) {
      return new Answer(suspects, heap);
    }
    Outcome<HolderReport> outcome = search.search(reader, table, regions, symbols, names, sought);
    if (!(outcome instanceof Outcome.Sampled<HolderReport> sampled)) {
      notes.add(
          "the holders of the suspects are unknown: "
              + (outcome.problem().isEmpty() ? "the process ended" : outcome.problem()));
      return new Answer(suspects, heap);
    }
    notes.addAll(sampled.value().notes());
    Map<Integer, HolderReport.Group> groups =
        sampled.value().groups().stream()
            .collect(Collectors.toMap(HolderReport.Group::group, group -> group));
    List<Suspect> answered = new ArrayList<>(suspects);
    for (int i = 0; i < asked; i++) {
      answered.set(i, answered(suspects.get(i), groups.get(i)));
    }
    Map<Long, String> holders = new HashMap<>();
    for (int i = 0; i < pins.size(); i++) {
      holders.put(pins.get(i).address(), holder(groups.get(suspects.size() + i)));
    }
    return new Answer(
        List.copyOf(answered),
        heap == null ? null : heap.withPinHolders(pin -> holders.getOrDefault(pin.address(), "")));
  }

  private List<HeapReport.Pin> pins(HeapReport heap) {
    return heap.arenas().stream()
        .filter(arena -> arena.totals().pinnedBytes() >= PINNED_BYTES_MIN)
        .sorted(HeapReport.MOST_PINNED_FIRST)
        .flatMap(arena -> Stream.ofNullable(arena.pin()))
        .limit(settings.pinsMax())
        .toList();
  }

  private void addSample(Suspect suspect, int group, Set<Long> taken, List<SoughtMemory> sought) {
    boolean chunk = suspect.kind().equals(CHUNKS);
    suspect.addresses().stream()
        .filter(address -> !taken.contains(address))
        .limit(settings.chunksPerGroupMax())
        .map(
            address ->
                chunk
                    ? SoughtMemory.ofChunk(address, suspect.chunkBytes(), group)
                    : new SoughtMemory(address, suspect.chunkBytes(), false, group))
        .forEach(sought::add);
  }

  private Suspect answered(Suspect suspect, HolderReport.@Nullable Group group) {
    if (group == null || group.searched() == group.freedMeanwhile()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "the holders of %s of %s are unknown: %s",
              suspect.content().type(),
              Quantity.exact(suspect.chunkBytes()),
              group == null
                  ? "none of them could be searched for"
                  : "all "
                      + group.searched()
                      + " that were searched for have been freed meanwhile"));
      return suspect;
    }
    return suspect.heldBy(
        new Suspect.References(
            group.unreferencedFraction(),
            group.undecidedFraction(),
            group.holders().stream()
                .map(holder -> new Suspect.Holder(holder.where(), holder.fraction()))
                .toList()));
  }

  /** Who holds a single chunk; {@code ""} where that is not known. */
  private static String holder(HolderReport.@Nullable Group group) {
    if (group == null || group.searched() == group.freedMeanwhile()) {
      return "";
    }
    if (!group.holders().isEmpty()) {
      return group.holders().get(0).where();
    }
    return group.unreferencedFraction() > 0 ? NOBODY : "";
  }
}
