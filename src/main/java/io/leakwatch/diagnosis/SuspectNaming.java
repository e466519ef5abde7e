package io.leakwatch.diagnosis;

import io.leakwatch.config.Configuration;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.content.ContentCensus;
import io.leakwatch.heap.content.ContentSettings;
import io.leakwatch.heap.content.Group;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.heap.golang.ObjectTypes;
import io.leakwatch.heap.holders.HolderSettings;
import io.leakwatch.heap.hotspot.ClassNames;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.turnover.ObjectTurnover;
import io.leakwatch.heap.turnover.PageTurnover;
import io.leakwatch.inspection.BytePace;
import io.leakwatch.inspection.RemoteProbe;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.symbols.SymbolSettings;
import io.leakwatch.symbols.Symbolizer;
import io.leakwatch.time.SystemTime;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names what grew between two readings by what it consists of, the most grown first, and what pins
 * the heaps; who holds it is asked at the end. For one process and one diagnosis.
 */
final class SuspectNaming {
  private static final double LEAST_SHARE = 0.02;
  private static final Set<String> VAGUE = Set.of("binary data", "integers", "zeros");

  private final ProcessReader reader;
  private final MappingTable mappings = new MappingTable();
  private final Configuration configuration;
  private final ContentSettings settings;
  private final Masking masking;
  private final boolean paced;
  private final DiagnosisProgress progress;
  private final DiagnosisNotes notes;
  private @Nullable EarlierSearch earlier;

  /**
   * A naming.
   *
   * @param paced whether reads keep to the budgets of the settings in bytes a second
   * @param notes takes what could not be seen
   */
  SuspectNaming(
      ProcessReader reader,
      Configuration configuration,
      Masking masking,
      boolean paced,
      DiagnosisProgress progress,
      DiagnosisNotes notes) {
    this.reader = reader;
    this.configuration = configuration;
    this.settings = configuration.diagnosis().content();
    this.masking = masking;
    this.paced = paced;
    this.progress = progress;
    this.notes = notes;
  }

  /** What objects are, by address. */
  Map<Long, String> typesOf(Map<Long, long[]> objects, DiagnosisSampler sampler) {
    try (Symbolizer symbols = symbols();
        ObjectTypes go = sampler.goTypes()) {
      return content(symbols, go).types(objects);
    }
  }

  /**
   * Searches at the first reading for what nothing refers to, where the process cannot be looked at
   * once more behind the second.
   */
  void searchEarlier(Turnovers turnovers, DiagnosisSampler sampler) {
    progress.at("searching for what nothing refers to", 0.3);
    try (Symbolizer symbols = symbols();
        ObjectTypes go = sampler.goTypes();
        ClassNames java = sampler.javaClasses()) {
      HolderNaming holders = holders();
      HolderNaming.Target target = target(sampler, symbols, content(symbols, go), java);
      int most = configuration.diagnosis().holders().chunksMax() / 2;
      earlier =
          EarlierSearch.of(turnovers.oldSorts(), most, sought -> holders.search(target, sought));
    }
  }

  /**
   * The suspects of the second reading, and its heaps with what pins them, both with their holders.
   *
   * @param before what the owners held at the first
   */
  HolderNaming.Answer suspects(
      Turnovers turnovers,
      PageTurnover pages,
      DiagnosisSampler sampler,
      OwnerReports before,
      OwnerReports heaps) {
    progress.at("naming what grew", 0.93);
    try (Symbolizer symbols = symbols();
        ObjectTypes go = sampler.goTypes();
        ClassNames java = sampler.javaClasses()) {
      ContentCensus content = content(symbols, go);
      HeapReport glibc = heaps.ptmalloc();
      OwnerReports named =
          glibc == null
              ? heaps
              : heaps.with(
                  glibc.withPinContent(
                      pin -> content.describe(pin.objectAddress(), pin.usableBytes())));
      List<Suspect> suspects = new ArrayList<>();
      ProfileGrowth profiles = ProfileGrowth.between(before, heaps);
      suspects.addAll(profiles.suspects());
      for (ObjectTurnover owner : turnovers.owners()) {
        if (heaps.of(owner.owner()).isPresent() && !profiles.isOf(owner.owner())) {
          addObjects(owner, turnovers, content, suspects);
        }
      }
      addPages(pages, sampler, content, suspects);
      if (!symbols.missing().isEmpty()) {
        notes.add("symbols of " + String.join(", ", symbols.missing()) + " could not be read");
      }
      sort(suspects);
      return holders()
          .ask(
              target(sampler, symbols, content, java),
              within(sampler.grownBytes(), suspects).stream()
                  .limit(settings.suspectsMax())
                  .toList(),
              named);
    }
  }

  /**
   * Those that are a part of the growth before those that are hardly any, of both what has a
   * telling type before what has none.
   */
  static void sort(List<Suspect> suspects) {
    double least =
        LEAST_SHARE * suspects.stream().mapToDouble(Suspect::bytesGrowth).max().orElse(0);
    suspects.sort(
        Comparator.comparing((Suspect suspect) -> suspect.bytesGrowth() < least)
            .thenComparing(SuspectNaming::isVague)
            .thenComparing(Comparator.comparingDouble(Suspect::weightBytes).reversed()));
  }

  private HolderNaming.Target target(
      DiagnosisSampler sampler,
      Symbolizer symbols,
      ContentCensus content,
      @Nullable ClassNames java) {
    ObjectNames others = content.names();
    RegionMap regions = sampler.regions();
    ObjectNames names =
        java == null
            ? others
            : (address, bytes, words, count) ->
                (isJava(regions, address) ? java : others).of(address, bytes, words, count);
    return new HolderNaming.Target(
        reader, sampler.table(), sampler.regions(), symbols, names, sampler::walkAgain);
  }

  private static boolean isJava(RegionMap regions, long address) {
    int region = regions.indexOf(address);
    return region >= 0 && regions.kind(region) == RegionKind.JAVA_HEAP;
  }

  private void addObjects(
      ObjectTurnover owner, Turnovers turnovers, ContentCensus content, List<Suspect> suspects) {
    for (ObjectTurnover.Growth growth :
        owner.growth().stream().limit(settings.sizesMax()).toList()) {
      long[] before = turnovers.old(owner.owner(), growth.usableBytes());
      for (Group group : content.groups(growth, turnovers.oldTypes(), before, owner::isGone)) {
        suspects.add(
            suspect(
                group,
                Suspect.Place.among(
                    owner.owner(), owner.owner().objectBytes(growth.chunkBytes()))));
      }
    }
  }

  private void addPages(
      PageTurnover pages, DiagnosisSampler sampler, ContentCensus content, List<Suspect> suspects) {
    if (!pages.second(reader.memory(), sampler.table(), sampler.regions(), ReadMeter.UNPACED)) {
      notes.add("suspects: the second sample could not read which pages are new");
      return;
    }
    for (PageTurnover.Change change : pages.changes().values()) {
      long grown = Math.min(change.newPages(), change.growthPages());
      if (grown > 0) {
        for (Group group : content.pages(change.sample(), grown)) {
          suspects.add(suspect(group, Suspect.Place.inPages(change.kind())));
        }
      }
    }
  }

  /**
   * The same with no more bytes than the process has grown by: where some sizes grow others shrink,
   * and of both only the difference is growth.
   */
  private static List<Suspect> within(double grownBytes, List<Suspect> suspects) {
    double sum = suspects.stream().mapToDouble(Suspect::bytesGrowth).sum();
    return grownBytes > 0 && sum > grownBytes
        ? suspects.stream().map(suspect -> suspect.part(grownBytes / sum)).toList()
        : suspects;
  }

  private static boolean isVague(Suspect suspect) {
    return VAGUE.contains(suspect.content().type());
  }

  /** One whose holders nobody has been asked about yet. */
  private static Suspect suspect(Group group, Suspect.Place place) {
    return new Suspect(
        group.chunkBytes(),
        group.countGrowth(),
        group.bytesGrowth(),
        new Suspect.Content(group.type(), group.module(), group.samples()),
        place,
        group.addresses(),
        Suspect.References.UNKNOWN);
  }

  private HolderNaming holders() {
    HolderSettings holders = configuration.diagnosis().holders();
    ReadPace pace = BytePace.when(paced, holders.bytesPerSecondMax(), SystemTime.TIME);
    return new HolderNaming(holders, pace, progress, notes, earlier);
  }

  /** The names of the moment: heaps have grown while they were walked. */
  private Symbolizer symbols() {
    if (!(reader.maps(mappings, ReadMeter.UNPACED) instanceof Outcome.Sampled)) {
      mappings.clear();
    }
    return new Symbolizer(mappings, reader.files(), SymbolSettings.DEFAULTS);
  }

  private ContentCensus content(Symbolizer symbols, @Nullable ObjectTypes go) {
    return new ContentCensus(
            reader.memory(),
            mappings,
            symbols,
            new RemoteProbe(reader.memory()),
            ReadMeter.UNPACED,
            settings,
            masking)
        .believing(go == null ? ObjectNames.NONE : go);
  }
}
