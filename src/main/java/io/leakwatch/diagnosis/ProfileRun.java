package io.leakwatch.diagnosis;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.profile.HeapProfile;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.heap.turnover.PageTurnover;
import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.inspection.Inspection;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.region.RegionMap;
import io.leakwatch.target.ProcessFinder;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.List;

/**
 * The heap profile of one process: of an owner that knows who allocated, or of what type objects
 * are, its own; of the others what a diagnosis says of what grew, had there been nothing before: by
 * size and content, with who holds it. For one process and one thread, once.
 */
public final class ProfileRun {
  private static final String CHAIN = " held by ";

  private final Configuration configuration;
  private final DiagnosisSampler sampler;
  private final SuspectNaming naming;
  private final DiagnosisProgress progress;
  private final DiagnosisNotes notes = new DiagnosisNotes();

  /**
   * What came of it.
   *
   * @param notes what could not be seen
   */
  public record Result(HeapProfile profile, List<String> notes) {}

  private ProfileRun(
      Configuration configuration,
      ProcessReader reader,
      Course course,
      Masking masking,
      boolean paced,
      DiagnosisProgress progress) {
    this.configuration = configuration;
    this.progress = progress;
    RegionMap regions = new RegionMap();
    this.sampler =
        new DiagnosisSampler(
            reader, new ExecutableCache(regions), regions, configuration.walk(), paced, course);
    this.naming = new SuspectNaming(reader, configuration, masking, paced, progress, notes);
  }

  /**
   * Profiles a process that runs.
   *
   * @param paced whether reads keep to the budgets of the settings in bytes a second
   * @throws CommandFailure when the process is gone or may not be read
   */
  public static Result of(
      ProcFs procFs,
      Configuration configuration,
      ProcessFinder.Named process,
      Masking masking,
      boolean paced,
      DiagnosisProgress progress) {
    Inspection.requireMemory(process);
    Outcome<Result> outcome =
        procFs
            .open(process.info().id())
            .flatMap(
                opened -> {
                  try (ProcessReader reader = opened) {
                    return new ProfileRun(
                            configuration,
                            reader,
                            new LiveCourse(progress),
                            masking,
                            paced,
                            progress)
                        .run(process.name());
                  }
                });
    return Inspection.orFailure(outcome, process);
  }

  private Outcome<Result> run(String process) {
    Turnovers turnovers =
        new Turnovers(
            DiagnosisRun.TURNOVER_BYTES_MAX, configuration.diagnosis().content().chunksPerSize());
    progress.at("reading what is in use", 0.1);
    return sampler
        .exact(turnovers::second)
        .map(
            reading -> {
              OwnerReports heaps = reading.heaps();
              if (!sampler.heapUnknown().isEmpty()) {
                notes.add(sampler.heapUnknown());
              }
              List<HeapProfile.Sample> samples = new ArrayList<>();
              List<OwnerReport> others = new ArrayList<>();
              for (OwnerReport owner : heaps.owners()) {
                if (owner.profiles().isEmpty()) {
                  others.add(owner);
                } else {
                  addOwn(owner, samples);
                }
              }
              addOthers(turnovers, new OwnerReports(others), pages(reading), samples);
              return new Result(
                  new HeapProfile(process, reading.time(), samples), notes.important());
            });
  }

  private PageTurnover pages(DiagnosisSampler.Reading reading) {
    return new PageTurnover(
        DiagnosisRun.kindsOfPages(reading.heaps()), configuration.diagnosis().content().pagesMax());
  }

  private static void addOwn(OwnerReport owner, List<HeapProfile.Sample> samples) {
    String name = owner.owner().wireName();
    MemoryProfile profile = owner.profiles().get(0);
    for (MemoryProfile.Entry entry : profile.entries()) {
      samples.add(new HeapProfile.Sample(name, entry.frames(), entry.objects(), entry.bytes()));
    }
  }

  private void addOthers(
      Turnovers turnovers,
      OwnerReports heaps,
      PageTurnover pages,
      List<HeapProfile.Sample> samples) {
    List<Suspect> groups =
        naming.suspects(turnovers, pages, sampler, OwnerReports.NONE, heaps).suspects();
    groups.forEach(group -> addGroup(group, samples));
    for (OwnerReport owner : heaps.owners()) {
      String kind = Suspect.Place.among(owner.owner(), 1).kind();
      long bytes = owner.inUseBytes();
      long objects = owner.objects();
      for (Suspect group : groups) {
        if (group.kind().equals(kind)) {
          bytes -= group.bytesGrowth();
          objects -= group.countGrowth();
        }
      }
      if (bytes > 0) {
        samples.add(
            new HeapProfile.Sample(
                kind, List.of(Frame.of("smaller groups")), Math.max(0, objects), bytes));
      }
    }
  }

  /** Once for each of those who hold a part of it. */
  private static void addGroup(Suspect group, List<HeapProfile.Sample> samples) {
    String what =
        group.isOfObjects()
            ? Quantity.exact(group.chunkBytes()) + " " + group.content().type()
            : "pages of " + group.content().type();
    double left = 1;
    Suspect.References references = group.references();
    for (Suspect.Holder holder : references.holders()) {
      List<Frame> frames = new ArrayList<>(List.of(Frame.of(what)));
      for (String link : holder.where().split(CHAIN, -1)) {
        frames.add(Frame.of(link));
      }
      double share = Math.min(left, holder.fraction());
      add(group, share, frames, samples);
      left -= share;
    }
    if (references.unreferencedFraction() > 0) {
      double share = Math.min(left, references.unreferencedFraction());
      add(group, share, List.of(Frame.of(what), Frame.of("unreferenced (lost)")), samples);
      left -= share;
    }
    add(group, left, List.of(Frame.of(what)), samples);
  }

  private static void add(
      Suspect group, double share, List<Frame> frames, List<HeapProfile.Sample> samples) {
    long bytes = Math.round(share * group.bytesGrowth());
    if (bytes > 0) {
      samples.add(
          new HeapProfile.Sample(
              group.kind(), frames, Math.round(share * group.countGrowth()), bytes));
    }
  }
}
