package io.leakwatch.diagnosis;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.heap.turnover.PageTurnover;
import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.inspection.Inspection;
import io.leakwatch.inspection.Versions;
import io.leakwatch.os.NativeEdge;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.saved.core.SuccessiveCores;
import io.leakwatch.target.ProcessFinder;
import io.leakwatch.verdict.Churn;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.ShortJudge;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The diagnosis of one process: two exact readings with a span between them, the difference of what
 * they saw, what it consists of, and the verdict. For one process and one thread, once.
 */
public final class DiagnosisRun {
  /** For the sets of objects of each owner. */
  static final long TURNOVER_BYTES_MAX = 96 << 20;

  private static final String UNREAD = "suspects and holders: ";
  private static final Set<RegionKind> OF_NO_OWNER =
      EnumSet.of(RegionKind.ANONYMOUS, RegionKind.HUGETLB);

  private final Configuration configuration;
  private final String kernel;
  private final ProcessFinder.Named process;
  private final ProcessReader reader;
  private final Course course;
  private final ExecutableCache images;
  private final DiagnosisSampler sampler;
  private final SuspectNaming naming;
  private final DiagnosisProgress progress;
  private final DiagnosisNotes notes = new DiagnosisNotes();

  /**
   * What came of it.
   *
   * @param view of the second reading, with the verdict
   */
  public record Result(ProcessView view, Diagnosis diagnosis) {}

  /** How it is done: what of strings is shown, whether within budgets, who hears of it. */
  private record Manner(Masking masking, boolean paced, DiagnosisProgress progress) {}

  private DiagnosisRun(
      String kernel,
      Configuration configuration,
      ProcessFinder.Named process,
      ProcessReader reader,
      Course course,
      Manner manner) {
    this.configuration = configuration;
    this.kernel = kernel;
    this.process = process;
    this.reader = reader;
    this.course = course;
    RegionMap regions = new RegionMap();
    this.images = new ExecutableCache(regions);
    this.sampler =
        new DiagnosisSampler(reader, images, regions, configuration.walk(), manner.paced(), course);
    this.progress = manner.progress();
    this.naming =
        new SuspectNaming(reader, configuration, manner.masking(), manner.paced(), progress, notes);
  }

  /**
   * Diagnoses a process that runs.
   *
   * @param span between the two readings
   * @param paced whether reads keep to the budgets of the settings in bytes a second
   * @throws CommandFailure when the process is gone or may not be read
   */
  public static Result of(
      ProcFs procFs,
      Configuration configuration,
      ProcessFinder.Named process,
      Duration span,
      Masking masking,
      boolean paced,
      DiagnosisProgress progress) {
    Inspection.requireMemory(process);
    Manner manner = new Manner(masking, paced, progress);
    String kernel = procFs.kernelFeatures().release();
    Outcome<Result> outcome =
        procFs
            .open(process.info().id())
            .flatMap(
                opened -> {
                  try (ProcessReader reader = opened) {
                    Course course = new LiveCourse(progress);
                    return new DiagnosisRun(kernel, configuration, process, reader, course, manner)
                        .run(span);
                  }
                });
    return Inspection.orFailure(outcome, process);
  }

  /**
   * Diagnoses a process of which two core files were written.
   *
   * @param span between the two
   * @throws CommandFailure when they cannot be read
   */
  public static Result of(
      SuccessiveCores cores,
      Configuration configuration,
      ProcessFinder.Named process,
      Duration span,
      Masking masking,
      DiagnosisProgress progress) {
    Manner manner = new Manner(masking, false, progress);
    DiagnosisRun run =
        new DiagnosisRun("", configuration, process, cores, new CoreCourse(cores), manner);
    return Inspection.orFailure(run.run(span), process);
  }

  private Outcome<Result> run(Duration span) {
    Turnovers turnovers =
        new Turnovers(TURNOVER_BYTES_MAX, configuration.diagnosis().content().chunksPerSize());
    progress.at("first sample", 0);
    return sampler
        .exact(turnovers::first)
        .flatMap(
            before -> {
              PageTurnover pages = pages(before);
              boolean readable = isReadable() && first(pages);
              turnovers.remember(readable ? old -> naming.typesOf(old, sampler) : old -> Map.of());
              if (readable && !course.goesOn()) {
                naming.searchEarlier(turnovers, sampler);
              }
              course.toSecond(
                  span, before.seconds(), course.seconds() - before.seconds(), sampler::between);
              progress.at("second sample", 0.9);
              return sampler
                  .exact(turnovers::second)
                  .flatMap(
                      after ->
                          result(
                              before,
                              after,
                              turnovers.churn(),
                              readable
                                  ? naming.suspects(
                                      turnovers, pages, sampler, before.heaps(), after.heaps())
                                  : new HolderNaming.Answer(List.of(), after.heaps())));
            });
  }

  /** Whether memory can be read; where it cannot, that is noted. */
  private boolean isReadable() {
    String problem = NativeEdge.problem();
    Outcome<Boolean> access = reader.memory().access();
    if (problem != null) {
      notes.add(UNREAD + problem);
    } else if (access instanceof Outcome.Denied<Boolean> denied) {
      notes.add(UNREAD + denied.sentence());
    }
    return access instanceof Outcome.Sampled;
  }

  private boolean first(PageTurnover pages) {
    if (pages.first(reader.memory(), sampler.table(), sampler.regions(), ReadMeter.UNPACED)) {
      return true;
    }
    notes.add(UNREAD + "no permission to read which pages are present");
    return false;
  }

  private PageTurnover pages(DiagnosisSampler.Reading before) {
    return new PageTurnover(
        kindsOfPages(before.heaps()), configuration.diagnosis().content().pagesMax());
  }

  /** The kinds of memory of which no objects are known, only pages. */
  static Set<RegionKind> kindsOfPages(OwnerReports heaps) {
    Set<RegionKind> kinds = EnumSet.copyOf(OF_NO_OWNER);
    kinds.addAll(Allocator.allKinds());
    kinds.removeAll(heaps.kinds());
    return kinds;
  }

  /** What the daemon has recorded of a process that runs; a core may be of another machine. */
  private Optional<Verdict> recorded(Instant now) {
    return course.goesOn()
        ? RecordedVerdict.of(configuration, process.name(), now, notes)
        : Optional.empty();
  }

  private Outcome<Result> result(
      DiagnosisSampler.Reading before,
      DiagnosisSampler.Reading after,
      Churn churn,
      HolderNaming.Answer named) {
    progress.at("judging", 0.99);
    return reader
        .status()
        .map(
            status -> {
              List<Suspect> suspects = named.suspects();
              Verdict ofSamples =
                  DiagnosisVerdict.of(reader, status, sampler, churn, before, after, suspects)
                      .because(GoroutineGrowth.between(before.heaps(), after.heaps()));
              Verdict verdict =
                  recorded(after.time())
                      .map(longRun -> ShortJudge.within(longRun, ofSamples))
                      .orElse(ofSamples);
              notes.addAll(ProfileGrowth.uncollected(before.heaps(), after.heaps()));
              notes.addAll(after.seen().notes());
              notes.addAll(reader.notes());
              after.heaps().owners().forEach(owner -> notes.details(owner.recognition().notes()));
              Duration span = Duration.ofNanos((long) ((after.seconds() - before.seconds()) * 1e9));
              ProcessView view =
                  Inspection.view(
                      process,
                      reader,
                      images,
                      sampler.table(),
                      after.seen(),
                      sampler.heapUnknown(),
                      named.heaps(),
                      verdict,
                      after.time());
              List<String> missing = new ArrayList<>();
              Map<String, String> versions =
                  Versions.read(
                      kernel, view.identity().buildId(), reader, sampler.table(), missing);
              notes.details(missing);
              return new Result(
                  view,
                  new Diagnosis(
                      verdict,
                      span,
                      verdict.kind().isGrowth() ? suspects : List.of(),
                      versions,
                      notes.important(),
                      notes.ofDetails()));
            });
  }
}
