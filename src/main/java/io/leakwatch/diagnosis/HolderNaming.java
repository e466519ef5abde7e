package io.leakwatch.diagnosis;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.holders.HolderProgress;
import io.leakwatch.heap.holders.HolderReport;
import io.leakwatch.heap.holders.HolderSearch;
import io.leakwatch.heap.holders.HolderSettings;
import io.leakwatch.heap.holders.SoughtMemory;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.os.PageSize;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.symbols.Symbolizer;
import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks of a sample of each suspect, and of what pins the heaps, who holds it. */
final class HolderNaming {
  private static final String NOBODY = "nobody";

  /** A pin that keeps less is reported nowhere. */
  private static final long PINNED_BYTES_MIN = 1 << 20;

  /** What is handed on from thread to thread has arrived by then. */
  private static final long SURVIVAL_NANOS = 2_000_000_000;

  private final HolderSettings settings;
  private final HolderSearch search;
  private final DiagnosisProgress progress;
  private final DiagnosisNotes notes;
  private final @Nullable EarlierSearch earlier;

  /**
   * A question.
   *
   * @param pace receives each read
   * @param progress receives each piece of memory that was searched
   * @param notes takes what could not be seen
   * @param earlier what was unreferenced at the first reading, where the process cannot be looked
   *     at once more; null where it can
   */
  HolderNaming(
      HolderSettings settings,
      ReadPace pace,
      DiagnosisProgress progress,
      DiagnosisNotes notes,
      @Nullable EarlierSearch earlier) {
    this.settings = settings;
    this.earlier = earlier;
    this.progress = progress;
    this.notes = notes;
    HolderProgress passes =
        (pass, done, total) ->
            progress.at(
                String.format(Locale.ROOT, "searching for holders, pass %d", pass),
                0.94 + 0.05 * Math.min(1, (double) done / Math.max(1, total)));
    this.search = new HolderSearch(settings, ReadMeter.UNPACED, pace, passes);
  }

  /**
   * The answers.
   *
   * @param suspects as asked, the first ones with their holders
   * @param heaps as asked, the pins with theirs
   */
  record Answer(List<Suspect> suspects, OwnerReports heaps) {}

  /**
   * What both searches read.
   *
   * @param walk over the memory of its owners as it is at that moment
   */
  record Target(
      ProcessReader reader,
      MappingTable table,
      RegionMap regions,
      Symbolizer symbols,
      ObjectNames names,
      Function<ObjectVisitor, Outcome<OwnerReports>> walk) {}

  Answer ask(Target target, List<Suspect> suspects, OwnerReports heaps) {
    HeapReport heap = heaps.ptmalloc();
    List<HeapReport.Pin> pins = heap == null ? List.of() : pins(heap);
    List<SoughtMemory> sought = new ArrayList<>();
    for (int i = 0; i < pins.size(); i++) {
      HeapReport.Pin pin = pins.get(i);
      sought.add(
          new SoughtMemory(pin.objectAddress(), pin.objectBytes(), true, suspects.size() + i));
    }
    Set<Long> taken = pins.stream().map(HeapReport.Pin::objectAddress).collect(Collectors.toSet());
    int asked = Math.min(settings.groupsMax(), suspects.size());
    for (int i = 0; i < asked; i++) {
      if (isOneThing(suspects.get(i))) {
        addSample(suspects.get(i), i, taken, sought);
      }
    }
    if (asked < suspects.size()) {
      notes.detail("holders were searched for the first " + asked + " suspects only");
    }
    if (sought.isEmpty()) {
      return new Answer(suspects, heaps);
    }
    Outcome<HolderReport> outcome = search(target, sought);
    if (!(outcome instanceof Outcome.Sampled<HolderReport> sampled)) {
      notes.add(
          "the holders of the suspects are unknown: "
              + (outcome.problem().isEmpty() ? "the process ended" : outcome.problem()));
      return new Answer(suspects, heaps);
    }
    notes.addAll(sampled.value().notes());
    notes.details(sampled.value().details());
    Map<Integer, HolderReport.Group> groups = byNumber(sampled.value());
    Map<Integer, Suspect.Survival> survivals =
        sampled.value().search().isWhole()
            ? survivals(target, suspects.subList(0, asked), groups)
            : Map.of();
    List<Suspect> answered = new ArrayList<>(suspects);
    for (int i = 0; i < asked; i++) {
      if (isOneThing(suspects.get(i))) {
        answered.set(i, answered(suspects.get(i), groups.get(i), survivals.get(i)));
      }
    }
    Map<Long, String> holders = new HashMap<>();
    for (int i = 0; i < pins.size(); i++) {
      holders.put(
          pins.get(i).address(),
          holder(groups.get(suspects.size() + i), sampled.value().search().isWhole()));
    }
    return new Answer(
        List.copyOf(answered),
        heap == null
            ? heaps
            : heaps.with(heap.withPinHolders(pin -> holders.getOrDefault(pin.address(), ""))));
  }

  /** Searches for the holders of some memory, once. */
  Outcome<HolderReport> search(Target target, List<SoughtMemory> sought) {
    return search.search(
        target.reader(),
        target.table(),
        target.regions(),
        target.symbols(),
        target.names(),
        target.walk(),
        sought);
  }

  private static Map<Integer, HolderReport.Group> byNumber(HolderReport report) {
    return report.groups().stream()
        .collect(Collectors.toMap(HolderReport.Group::group, group -> group));
  }

  /**
   * Searches once more for those chunks that nothing seemed to refer to, some seconds later; or, of
   * core files, in the later one for those that nothing referred to in the earlier one.
   *
   * @return by the suspect's number; without those of which a second search could not tell
   */
  private Map<Integer, Suspect.Survival> survivals(
      Target target, List<Suspect> suspects, Map<Integer, HolderReport.Group> found) {
    Map<Integer, HolderReport.Group> first = earlier == null ? found : earlier.of(suspects);
    Map<Integer, Suspect.Survival> survivals = new HashMap<>();
    List<SoughtMemory> again = new ArrayList<>();
    for (int i = 0; i < suspects.size(); i++) {
      HolderReport.Group group = first.get(i);
      if (group != null && suspects.get(i).place().mayBeLost()) {
        long bytes = suspects.get(i).place().objectBytes();
        int number = i;
        group.unreferenced().stream()
            .map(address -> new SoughtMemory(address, bytes, true, number))
            .forEach(again::add);
        survivals.put(i, new Suspect.Survival(group.living(), 0, 0));
      }
    }
    if (again.isEmpty()) {
      return survivals;
    }
    if (earlier == null) {
      progress.at("waiting for what is unreferenced to be freed", 0.98);
      SystemTime.TIME.pause(SURVIVAL_NANOS);
    }
    Outcome<HolderReport> outcome = search(target, again);
    if (!(outcome instanceof Outcome.Sampled<HolderReport> sampled)
        || !sampled.value().search().isWhole()) {
      notes.add("what is unreferenced is not known: the second search was not completed");
      return Map.of();
    }
    byNumber(sampled.value())
        .forEach(
            (number, group) ->
                survivals.computeIfPresent(
                    number,
                    (n, before) ->
                        new Suspect.Survival(
                            before.living(), group.unreferenced().size(), group.freedMeanwhile())));
    return survivals;
  }

  /**
   * Whether it is one thing that somebody may refer to: a page of an allocator holds many, each
   * with a holder of its own.
   */
  private static boolean isOneThing(Suspect suspect) {
    return !suspect.addresses().isEmpty()
        && (suspect.chunkBytes() < PageSize.BYTES
            || suspect.isOfObjects()
            || suspect.kind().equals(RegionKind.ANONYMOUS.wireName())
            || suspect.kind().equals(RegionKind.HUGETLB.wireName()));
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
    boolean object = suspect.isOfObjects();
    long bytes = object ? suspect.place().objectBytes() : suspect.chunkBytes();
    suspect.addresses().stream()
        .filter(address -> !taken.contains(address))
        .limit(settings.chunksPerGroupMax())
        .map(address -> new SoughtMemory(address, bytes, object, group))
        .forEach(sought::add);
  }

  private Suspect answered(
      Suspect suspect, HolderReport.@Nullable Group group, Suspect.@Nullable Survival survival) {
    if (group == null || group.living() == 0) {
      notes.detail(
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
    List<Suspect.Holder> holders =
        group.holders().stream()
            .filter(holder -> suspect.isOfObjects() || holder.isPlace())
            .map(holder -> new Suspect.Holder(holder.where(), holder.fraction()))
            .toList();
    if (survival == null) {
      return suspect.heldBy(Suspect.References.ofHolders(group.undecidedFraction(), holders));
    }
    if (survival.isReferredToUnseen()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%d of %d of %s that nothing seemed to refer to were freed seconds later: it is"
                  + " referred to in a way that is not seen",
              survival.freed(),
              survival.freed() + survival.lost(),
              suspect.content().type()));
    }
    return suspect.heldBy(Suspect.References.of(group.undecidedFraction(), holders, survival));
  }

  /** Who holds a single chunk; {@code ""} where that is not known. */
  private static String holder(HolderReport.@Nullable Group group, boolean isWhole) {
    if (group == null || group.living() == 0) {
      return "";
    }
    if (!group.holders().isEmpty()) {
      return group.holders().get(0).where();
    }
    return isWhole && !group.unreferenced().isEmpty() ? NOBODY : "";
  }
}
