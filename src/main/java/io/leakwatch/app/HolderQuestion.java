package io.leakwatch.app;

import io.leakwatch.diagnose.Suspect;
import io.leakwatch.heap.ChunkNames;
import io.leakwatch.heap.HolderProgress;
import io.leakwatch.heap.HolderReport;
import io.leakwatch.heap.HolderSearch;
import io.leakwatch.heap.HolderSettings;
import io.leakwatch.heap.ReadPace;
import io.leakwatch.heap.WalkSettings;
import io.leakwatch.proc.MappingTable;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ReadMeter;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.Symbolizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Asks of a sample of each suspect who holds it. */
final class HolderQuestion {
  private static final int SUSPECTS_MAX = 8;
  private static final int SAMPLE_MAX = 200;
  private static final String CHUNKS = "malloc";

  private final HolderSearch search;
  private final List<String> notes;

  /**
   * A question.
   *
   * @param progress is told of each piece of memory that was searched
   * @param notes takes what could not be seen
   */
  HolderQuestion(WalkSettings walk, DiagnosisProgress progress, List<String> notes) {
    this.notes = notes;
    HolderProgress passes =
        (pass, done, total) ->
            progress.at(
                String.format(Locale.ROOT, "searching for holders, pass %d", pass),
                0.94 + 0.05 * Math.min(1, (double) done / Math.max(1, total)));
    this.search =
        new HolderSearch(HolderSettings.DEFAULT, walk, ReadMeter.UNPACED, ReadPace.UNPACED, passes);
  }

  /** The suspects, the first ones with their holders. */
  List<Suspect> ask(
      ProcessReader reader,
      MappingTable table,
      RegionMap regions,
      Symbolizer symbols,
      ChunkNames names,
      List<Suspect> suspects) {
    List<io.leakwatch.heap.Suspect> sample = new ArrayList<>();
    for (int i = 0; i < Math.min(SUSPECTS_MAX, suspects.size()); i++) {
      Suspect suspect = suspects.get(i);
      boolean chunk = suspect.kind().equals(CHUNKS);
      for (long address : suspect.addresses().stream().limit(SAMPLE_MAX).toList()) {
        sample.add(
            chunk
                ? io.leakwatch.heap.Suspect.ofChunk(address, suspect.chunkBytes(), i)
                : new io.leakwatch.heap.Suspect(address, suspect.chunkBytes(), false, i));
      }
    }
    if (sample.isEmpty()) {
      return suspects;
    }
    Outcome<HolderReport> outcome = search.search(reader, table, regions, symbols, names, sample);
    if (!(outcome instanceof Outcome.Sampled<HolderReport> sampled)) {
      notes.add("who holds the suspects could not be found out");
      return suspects;
    }
    notes.addAll(sampled.value().notes());
    List<Suspect> answered = new ArrayList<>(suspects);
    for (HolderReport.Group group : sampled.value().groups()) {
      if (group.searched() > group.freedMeanwhile()) {
        answered.set(
            group.group(),
            suspects
                .get(group.group())
                .heldBy(
                    group.unreferencedFraction(),
                    group.holders().stream()
                        .map(holder -> new Suspect.Holder(holder.where(), holder.fraction()))
                        .toList()));
      }
    }
    return List.copyOf(answered);
  }
}
