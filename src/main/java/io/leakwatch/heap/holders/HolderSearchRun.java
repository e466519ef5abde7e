package io.leakwatch.heap.holders;

import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.MemoryScan;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.proc.ProcessThread;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.symbols.Symbolizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One search for holders, from the suspects up, pass by pass. */
final class HolderSearchRun {
  private static final double SHARE_WORTH_A_PASS = 0.02;

  private final HolderSearch.Target target;
  private final HolderSettings settings;
  private final ReadPace pace;
  private final HolderProgress progress;
  private final Symbolizer symbols;
  private final ObjectNames names;
  private final ByteBudget budget;
  private final HolderGraph graph = new HolderGraph();
  private final HolderNotes notes;
  private int pass;
  private long searchedBytes;
  private long totalBytes;
  private double unsearchedFraction;
  private @Nullable Outcome<HolderReport> failure;
  private boolean mayFollowKinds = true;
  private Set<RegionKind> walked = Set.of();

  HolderSearchRun(
      HolderSearch.Target target,
      HolderSettings settings,
      ReadPace pace,
      HolderProgress progress,
      Symbolizer symbols,
      ObjectNames names) {
    this.target = target;
    this.settings = settings;
    this.pace = pace;
    this.progress = progress;
    this.symbols = symbols;
    this.names = names;
    this.budget = new ByteBudget(settings.bytesMax(), pace);
    this.notes = new HolderNotes(target.table(), target.regions());
    this.totalBytes = notes.searchableBytes();
  }

  void add(SoughtMemory suspect) {
    if (!graph.addSuspect(suspect)) {
      notes.overlapping();
    }
  }

  Outcome<HolderReport> run() {
    while (pass < settings.passesMax() && failure == null && !budget.isExhausted()) {
      List<HolderNode> frontier = graph.frontier();
      boolean leadsUp = pass == 0 || share(HolderGraph.heldBy(frontier)::contains);
      boolean last = pass > 0 && pass == settings.passesMax() - 1;
      if ((!leadsUp || last) && mayFollowKinds && share(unexplained()::contains)) {
        followKinds(last);
      } else if (leadsUp) {
        expand(graph.take(frontier, settings.chunksMax()));
      } else {
        break;
      }
    }
    Outcome<HolderReport> failed = failure;
    if (failed != null) {
      return failed;
    }
    notes.budget(budget.isExhausted(), settings.bytesMax());
    return Outcome.sampled(
        new HolderSummary(graph, target.memory(), target.regions(), names, settings.holdersMax())
            .report(
                new HolderReport.Search(
                    pass, searchedBytes, unsearchedFraction, notes.isWhole(unsearchedFraction)),
                notes.unsearched(unsearchedFraction),
                notes.details()));
  }

  /** Searches for whatever refers to some chunks. */
  private void expand(List<HolderNode> frontier) {
    long[] starts = frontier.stream().mapToLong(node -> node.address).toArray();
    long[] ends = frontier.stream().mapToLong(HolderNode::end).toArray();
    TargetRanges ranges = new TargetRanges(starts, ends);
    PointerPlaces places =
        new PointerPlaces(starts.length, settings.placesPerChunkMax(), settings.placesMax());
    Roots roots = scan((address, words, count) -> ranges.scan(address, words, count, places));
    if (failure != null) {
      return;
    }
    long[] locations = places.sortedLocations();
    PlaceResolver resolver =
        pass > 1 && places.coversAll() && notes.lieOutsideHeaps(locations)
            ? resolveByMappings(roots, locations)
            : resolve(roots, locations, ObjectVisitor.NONE);
    for (int i = 0; i < places.count() && failure == null; i++) {
      HolderNode held = frontier.get(places.target(i));
      PlaceResolver.Holder holder = resolver.at(places.location(i));
      if (!roots.mayHold(places.location(i), held.address)) {
        continue;
      }
      if (holder.root() != null) {
        held.heldBy(holder.root());
      } else if (holder.isObject()) {
        held.heldBy(graph.object(holder.object(), holder.objectBytes()));
      }
      if (!held.isSuspect() && held.name == null && places.offset(i) == 0) {
        held.name = sign(places.location(i), held);
      }
    }
    frontier.forEach(node -> node.expanded = true);
    notes.droppedPlaces(places.dropped());
  }

  private @Nullable String javaType(long object) {
    long[] words = new long[2];
    int count = target.memory().peek(object, words, words.length);
    return names.of(object, 0, words, count);
  }

  private @Nullable String sign(long location, HolderNode held) {
    long[] words = new long[ContainerSigns.WORDS];
    int count = target.memory().peek(location, words, words.length);
    return ContainerSigns.of(words, count, held.address, held.bytes);
  }

  /** Scans all memory once and says what lies where, as of now. */
  private Roots scan(MemoryScan.Receiver receiver) {
    pass++;
    MappingTable table = target.table();
    List<ProcessThread> listed = listThreads();
    ThreadMemory threads =
        new ThreadMemory(
            target.memory(),
            table,
            target.regions(),
            listed,
            target.threads().mainTid(),
            target.threads().localBytes());
    KernelWords kernel = new KernelWords();
    kernel.registers(listed, threads);
    kernel.epoll(target.threads().epoll().get());
    kernel.scan(receiver);
    Outcome<MappingTable> mapped = target.mappings().get();
    MappingTable now = mapped instanceof Outcome.Sampled<MappingTable> s ? s.value() : table;
    HolderPass scan =
        new HolderPass(target.memory(), now, target.regions(), threads, settings, budget);
    scan.run(receiver, pass, Math.max(totalBytes, searchedBytes), progress);
    if (scan.failure() != 0) {
      failure =
          scan.failure() == HeapMemory.GONE
              ? Outcome.vanished()
              : Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
    }
    searchedBytes = Math.max(searchedBytes, scan.readBytes());
    totalBytes = searchedBytes;
    unsearchedFraction = Math.max(unsearchedFraction, scan.unsearchedFraction());
    notes.swapped(scan.swappedBytes());
    notes.runningThreads(threads.unknownStackPointers());
    return new Roots(table, target.regions(), threads, kernel, symbols, this::javaType);
  }

  private List<ProcessThread> listThreads() {
    Outcome<List<ProcessThread>> outcome = target.threads().list().get();
    if (outcome instanceof Outcome.Sampled<List<ProcessThread>> sampled) {
      return sampled.value();
    }
    if (outcome instanceof Outcome.Vanished) {
      failure = Outcome.vanished();
    }
    return List.of();
  }

  /**
   * Places that lie in no heap need no walk, where they hold all that was searched for: what was
   * freed the walk before has reported.
   */
  private PlaceResolver resolveByMappings(Roots roots, long[] locations) {
    PlaceResolver resolver = new PlaceResolver(roots, locations, graph.nodes());
    resolver.finish(walked);
    return resolver;
  }

  /** Walks the heaps, drops what was freed, and says in which chunks the locations lie. */
  private PlaceResolver resolve(@Nullable Roots roots, long[] locations, ObjectVisitor further) {
    PlaceResolver resolver = new PlaceResolver(roots, locations, graph.nodes());
    walked = Set.of();
    Outcome<OwnerReports> outcome = target.walk().apply(resolver.listening(further));
    if (outcome instanceof Outcome.Sampled<OwnerReports> sampled) {
      walked = sampled.value().kinds();
      mayFollowKinds &= !walked.isEmpty();
      notes.walked(sampled.value());
    } else {
      failure =
          outcome.map(
              report ->
                  new HolderReport(
                      List.of(), new HolderReport.Search(0, 0, 0, false), List.of(), List.of()));
    }
    resolver.finish(walked);
    return resolver;
  }

  /** What neither leads to a root nor to an end. */
  private Set<HolderNode> unexplained() {
    Set<HolderNode> open = graph.undecided();
    open.removeAll(graph.ways().keySet());
    return open;
  }

  /** Whether something is true of more suspects than is worth another pass. */
  private boolean share(Predicate<HolderNode> is) {
    long suspects = 0;
    long such = 0;
    for (HolderNode node : graph.nodes()) {
      if (node.isSuspect() && !node.gone) {
        suspects++;
        such += is.test(node) ? 1 : 0;
      }
    }
    return such > suspects * SHARE_WORTH_A_PASS;
  }

  /** Whether the walk told of glibc's chunks. */
  private boolean hasTails() {
    return walked.contains(RegionKind.ARENA);
  }

  /**
   * Treats all chunks of the sizes that refer to each other at once.
   *
   * @param all whether those whose holders were not searched for yet are taken in, too
   */
  private void followKinds(boolean all) {
    Set<Long> sizes = new HashSet<>();
    for (HolderNode node : unexplained()) {
      if (node.object && (all || graph.isExpanded(node.bytes))) {
        sizes.add(node.bytes);
      }
    }
    KindMap map = new KindMap(sizes, hasTails(), settings.kindsMapBytes());
    resolve(null, new long[0], map);
    if (failure != null || map.isFull()) {
      notes.kindsTooMany(map.isFull());
      mayFollowKinds = false;
      return;
    }
    KindSearch search = new KindSearch(map, target.memory(), settings, pace);
    Roots roots = scan(search::scan);
    if (failure != null) {
      return;
    }
    PlaceResolver resolver = resolve(roots, search.sortedLocations(), map);
    List<HolderNode> members = new ArrayList<>();
    for (HolderNode node : graph.nodes()) {
      if (!node.gone && map.startOf(node.address) == node.address) {
        members.add(node);
      }
    }
    search.follow(resolver, graph, members);
    notes.kindsCut(search.isCut());
    mayFollowKinds &= !search.isCut();
  }
}
