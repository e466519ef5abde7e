package io.leakwatch.heap.ptmalloc;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.Allocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A live target with the walker that looks into it. */
public final class LiveHeap implements AutoCloseable {
  public final CTarget target;
  public final ProcessReader process;
  private final HeapWalker walker;
  final MappingTable table = new MappingTable();
  long readBytes;

  public LiveHeap(CTarget target) {
    this(target, Defaults.WALK);
  }

  public LiveHeap(CTarget target, WalkSettings settings) {
    this(target, target.pid(), settings);
  }

  /** Looks into another process than the one that was started: its child. */
  public LiveHeap(CTarget target, int pid, WalkSettings settings) {
    this.target = target;
    this.walker = new HeapWalker(settings);
    ProcFs proc = ProcFs.live();
    ProcessInfo info = value(proc.identify(pid));
    this.process = value(proc.open(info.id()));
  }

  /** Starts {@code heaptruth} and waits until it is ready. */
  static LiveHeap start(String mode, int threads, int megabytes) {
    CTarget target =
        CTarget.start("heaptruth", mode, Integer.toString(threads), Integer.toString(megabytes));
    target.awaitLine("ready");
    return new LiveHeap(target);
  }

  HeapReport walk() {
    value(process.maps(table, ReadMeter.UNPACED));
    return value(walk(ObjectVisitor.NONE));
  }

  Outcome<HeapReport> tryWalk() {
    return walk(ObjectVisitor.NONE);
  }

  private Outcome<HeapReport> walk(ObjectVisitor visitor) {
    List<String> allocators = List.of("ptmalloc");
    return OwnerTarget.of(
            process, table, allocators, ReadMeter.UNPACED, bytes -> readBytes += bytes)
        .flatMap(seen -> walker.read(seen, visitor))
        .flatMap(report -> process.status().map(status -> report));
  }

  /** Walks through the heaps as they are now. */
  public Outcome<OwnerReports> owners(ObjectVisitor visitor) {
    return process
        .maps(table, ReadMeter.UNPACED)
        .flatMap(now -> walk(visitor))
        .map(OwnerReports::of);
  }

  /** A figure of the target's /proc/PID/status. */
  public long status(String key) {
    try {
      Path file = Path.of("/proc", Integer.toString(target.pid()), "status");
      Matcher matcher =
          Pattern.compile("(?m)^" + key + ":\\s+(\\d+)").matcher(Files.readString(file));
      if (!matcher.find()) {
        throw new IllegalStateException("no " + key);
      }
      return Long.parseLong(matcher.group(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the reader of an owner says of a process as it is now. */
  public static <R extends OwnerReport> R read(
      int pid, OwnerReader<R> reader, ObjectVisitor visitor) {
    return read(pid, reader, OwnerTarget.Depth.SUMS, visitor);
  }

  /** The same, of which so much is wanted. */
  public static <R extends OwnerReport> R read(
      int pid, OwnerReader<R> reader, OwnerTarget.Depth depth, ObjectVisitor visitor) {
    return looking(pid, reader.owner(), seen -> value(reader.read(seen.to(depth), visitor)));
  }

  /** Looks into a process as it is now as the reader of an owner does. */
  public static <T> T looking(int pid, Allocator owner, Function<OwnerTarget, T> look) {
    ProcFs proc = ProcFs.live();
    MappingTable table = new MappingTable();
    List<String> owners = List.of(owner.wireName());
    try (ProcessReader process = value(proc.open(value(proc.identify(pid)).id()))) {
      value(process.maps(table, ReadMeter.UNPACED));
      return value(
          OwnerTarget.of(process, table, owners, ReadMeter.UNPACED, ReadPace.UNPACED).map(look));
    }
  }

  public static <T> T value(Outcome<T> outcome) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    throw new IllegalStateException(outcome.toString());
  }

  @Override
  public void close() {
    process.close();
    target.close();
  }
}
