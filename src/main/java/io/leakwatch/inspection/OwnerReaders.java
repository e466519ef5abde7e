package io.leakwatch.inspection;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.beam.BeamReader;
import io.leakwatch.heap.golang.GoReader;
import io.leakwatch.heap.golang.ObjectTypes;
import io.leakwatch.heap.hotspot.ClassNames;
import io.leakwatch.heap.hotspot.HotSpotReader;
import io.leakwatch.heap.jemalloc.JemallocReader;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.mimalloc.MimallocReader;
import io.leakwatch.heap.musl.MuslReader;
import io.leakwatch.heap.ptmalloc.HeapWalker;
import io.leakwatch.heap.python.PythonReader;
import io.leakwatch.heap.tcmalloc.TcmallocReader;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.Allocator;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The readers of all owners whose inside is known. For one thread. */
public final class OwnerReaders {
  private static final Map<Allocator, Function<WalkSettings, OwnerReader<?>>> MAKERS =
      Map.of(
          Allocator.PTMALLOC, HeapWalker::new,
          Allocator.JEMALLOC, JemallocReader::new,
          Allocator.TCMALLOC, TcmallocReader::new,
          Allocator.MIMALLOC, MimallocReader::new,
          Allocator.MUSL, MuslReader::new,
          Allocator.GO, GoReader::new,
          Allocator.JVM, HotSpotReader::new,
          Allocator.PYTHON, PythonReader::new,
          Allocator.BEAM, BeamReader::new);

  private final Map<Allocator, OwnerReader<?>> readers = new EnumMap<>(Allocator.class);

  public OwnerReaders(WalkSettings settings) {
    MAKERS.forEach((owner, maker) -> readers.put(owner, maker.apply(settings)));
  }

  /** What names the objects of a Java heap; null where there is none, or it cannot be read. */
  public @Nullable ClassNames javaClasses(OwnerTarget target) {
    return Allocator.JVM.isAmong(target.allocators())
            && readers.get(Allocator.JVM) instanceof HotSpotReader jvm
        ? jvm.classNames(target)
        : null;
  }

  /** What names objects of Go; null where there are none, or they have no types. */
  public @Nullable ObjectTypes goTypes(OwnerTarget target) {
    return Allocator.GO.isAmong(target.allocators())
            && readers.get(Allocator.GO) instanceof GoReader go
        ? go.types(target)
        : null;
  }

  /** Whether there is an owner that can be read. */
  public static boolean canRead(List<String> allocators) {
    return MAKERS.keySet().stream().anyMatch(owner -> owner.isAmong(allocators));
  }

  /** Reads those of a process' owners that can be read. */
  public Outcome<OwnerReports> read(
      ProcessReader process,
      MappingTable table,
      List<String> allocators,
      ReadMeter meter,
      ReadPace pace,
      OwnerTarget.Depth depth) {
    return read(process, table, allocators, meter, pace, depth, owner -> ObjectVisitor.NONE);
  }

  /**
   * The same, and shows each object to a visitor.
   *
   * @param visitors the one for each owner
   */
  public Outcome<OwnerReports> read(
      ProcessReader process,
      MappingTable table,
      List<String> allocators,
      ReadMeter meter,
      ReadPace pace,
      OwnerTarget.Depth depth,
      Function<Allocator, ObjectVisitor> visitors) {
    return OwnerTarget.of(process, table, allocators, meter, pace)
        .flatMap(target -> read(target.to(depth), visitors))
        .flatMap(reports -> process.status().map(status -> reports));
  }

  /** The same of anything that can be read like a process. */
  public Outcome<OwnerReports> read(
      OwnerTarget target, Function<Allocator, ObjectVisitor> visitors) {
    Outcome<List<OwnerReport>> reports = Outcome.sampled(new ArrayList<>());
    for (String name : target.allocators()) {
      OwnerReader<?> reader = Allocator.ofWireName(name).map(readers::get).orElse(null);
      if (reader != null) {
        reports =
            reports.flatMap(
                before ->
                    reader
                        .read(target, visitors.apply(reader.owner()))
                        .map(
                            report -> {
                              before.add(report);
                              return before;
                            }));
      }
    }
    return reports.map(OwnerReports::new);
  }
}
