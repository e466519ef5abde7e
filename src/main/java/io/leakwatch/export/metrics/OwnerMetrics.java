package io.leakwatch.export.metrics;

import static io.leakwatch.export.metrics.MetricFamily.Type.COUNTER;
import static io.leakwatch.export.metrics.MetricFamily.Type.GAUGE;

import io.leakwatch.export.ProcessView;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.golang.GoReport;
import io.leakwatch.heap.jemalloc.JemallocReport;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The metrics of what the owners of a process' memory hold, at the last heap walk. */
final class OwnerMetrics {
  private static final String PREFIX = "leakwatch_process_";

  private OwnerMetrics() {}

  static List<MetricFamily> families() {
    return List.of(
        MetricFamily.ofProcesses(
            PREFIX + "owner_bytes",
            GAUGE,
            "Memory of an allocator or runtime by what it is spent on, at the last heap walk."
                + " give_back is part of the others; untouched and returned are not resident.",
            OwnerMetrics::addOwners,
            "process",
            "owner",
            "part"),
        MetricFamily.ofProcesses(
            PREFIX + "live_bytes",
            GAUGE,
            "Memory that survived the last collection of a runtime, with the stacks that it"
                + " manages; its trend is that of the process' own data.",
            OwnerMetrics::addLive,
            "process",
            "owner"),
        MetricFamily.ofProcesses(
            PREFIX + "collections",
            COUNTER,
            "Garbage collections since the process started.",
            OwnerMetrics::addCollections,
            "process",
            "owner"),
        MetricFamily.ofProcesses(
            PREFIX + "goroutines",
            GAUGE,
            "Goroutines, those of the runtime itself among them.",
            OwnerMetrics::addGoroutines,
            "process"),
        MetricFamily.ofProcesses(
            PREFIX + "jemalloc_bytes",
            GAUGE,
            "Memory of jemalloc by state; allocated is part of active.",
            OwnerMetrics::addJemalloc,
            "process",
            "state"));
  }

  /** Shows the owners whose inside was read of a process that is up. */
  private static void each(ProcessView view, Consumer<OwnerReport> to) {
    if (view.reading().up()) {
      for (OwnerReport owner : view.heaps().owners().owners()) {
        if (owner.isRecognised()) {
          to.accept(owner);
        }
      }
    }
  }

  private static void addOwners(ProcessView view, MetricPoints to) {
    each(
        view,
        owner -> {
          Balance balance = owner.balance();
          for (Balance.Part part : Balance.Part.all()) {
            if (!part.isOfRuntimes() || owner.owner().tellsGarbage()) {
              to.add(balance.bytes(part), view.name(), owner.owner().wireName(), part.wireName());
            }
          }
        });
  }

  private static void addLive(ProcessView view, MetricPoints to) {
    each(
        view,
        owner -> {
          if (owner.owner().tellsGarbage()) {
            to.add(owner.inUseBytes(), view.name(), owner.owner().wireName());
          }
        });
  }

  private static void addCollections(ProcessView view, MetricPoints to) {
    each(
        view,
        owner -> {
          if (owner.collections() >= 0) {
            to.add(owner.collections(), view.name(), owner.owner().wireName());
          }
        });
  }

  private static void addGoroutines(ProcessView view, MetricPoints to) {
    GoReport go = view.heaps().owners().find(GoReport.class);
    if (view.reading().up() && go != null && go.isRecognised()) {
      to.add(go.goroutines().count(), view.name());
    }
  }

  private static @Nullable JemallocReport read(ProcessView view) {
    JemallocReport jemalloc = view.heaps().jemalloc();
    return jemalloc == null || jemalloc.arenas().isEmpty() ? null : jemalloc;
  }

  private static void addJemalloc(ProcessView view, MetricPoints to) {
    JemallocReport jemalloc = read(view);
    if (view.reading().up() && jemalloc != null) {
      JemallocReport.Arena total = jemalloc.total();
      to.add(total.allocatedBytes(), view.name(), "allocated");
      to.add(total.activeBytes(), view.name(), "active");
      to.add(total.dirtyBytes(), view.name(), "dirty");
      to.add(total.muzzyBytes(), view.name(), "muzzy");
      to.add(total.retainedBytes(), view.name(), "retained");
    }
  }
}
