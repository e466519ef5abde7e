package io.leakwatch.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a row of the laboratory's table must say to be right.
 *
 * <ol>
 *   <li>Always: {@code inspect} names the allocator that serves most of the server's memory, and
 *       explains all but a fiftieth of what is resident. No suspect states an unreferenced fraction
 *       unless its objects are known: chunks of glibc's malloc, or allocations of jemalloc, but
 *       none of pages. The suspects together did not grow by more than the process did (by bytes in
 *       use or by anonymous memory, in the longer time that encloses the diagnosis, or by the rate
 *       that the diagnosis states, whichever is most), with a tenth and a MiB for what comes and
 *       goes.
 *   <li>A healthy phase: neither {@code diagnose} nor the daemon says {@code leak}. {@code growing}
 *       is true only of what grew: {@code diagnose} may say it where anonymous memory or one of the
 *       server's own figures grew during the diagnosis by half at least of what it states, the
 *       daemon where anonymous memory is more than at the phase's beginning. No suspect of 64 KiB
 *       or more is said to be unreferenced by half or more: a healthy server loses nothing.
 *   <li>A planted leak: {@code diagnose} says {@code leak}, or {@code growing}, and the kind of
 *       mappings that it says grows most is one of the leak's; and the daemon says {@code leak} or
 *       {@code growing} within the time it is given.
 * </ol>
 */
final class Requirements {
  /** The daemon's verdicts that tell a planted leak. */
  static final Set<String> TOLD = Set.of("leak", "growing");

  private static final double UNEXPLAINED_MAX = 0.02;
  private static final long PAGE_BYTES = 4096;
  private static final long LOST_BYTES_MIN = 64 << 10;
  private static final double LOST_FRACTION = 0.5;
  private static final double SEEN_FRACTION_MIN = 0.5;
  private static final long SLACK_BYTES = 1 << 20;
  private static final double SLACK_FRACTION = 0.1;

  private Requirements() {}

  /** What is wrong in a healthy phase. */
  static List<String> healthy(Server.Memory memory, Look look) {
    List<String> faults = new ArrayList<>(always(memory, look));
    if (look.verdict().equals("leak")) {
      faults.add("diagnose: leak in a healthy phase");
    } else if (!rightInHealth(look)) {
      faults.add(
          "diagnose: growing by "
              + kibibytes(look.statedGrowthBytes())
              + ", grown "
              + kibibytes(look.measured().seenGrowthBytes()));
    }
    if (look.daemon().equals("leak")) {
      faults.add("daemon: leak in a healthy phase");
    } else if (look.daemon().equals("growing") && look.measured().phaseGrowthBytes() <= 0) {
      faults.add(
          "daemon: growing, grown "
              + mebibytes(look.measured().phaseGrowthBytes())
              + " in the phase");
    }
    for (Look.Suspect suspect : look.suspects()) {
      double lost = suspect.lostFraction();
      if (lost >= LOST_FRACTION
          && suspect.bytesGrowth() >= LOST_BYTES_MIN
          && isOfObjects(suspect)) {
        faults.add(percent(lost) + " of " + suspect + " said to be lost in a healthy phase");
      }
    }
    return faults;
  }

  /** What is wrong with a planted leak. */
  static List<String> planted(Server.Memory memory, Server.Leak leak, Look look) {
    List<String> faults = new ArrayList<>(always(memory, look));
    if (!rightOnLeak(leak, look)) {
      faults.add(
          "diagnose: " + look.verdict() + ", most growth in " + or(look.mostGrown(), "nothing"));
    }
    if (!TOLD.contains(look.daemon())) {
      faults.add("daemon: " + or(look.daemon(), "nothing") + " on a leak");
    }
    return faults;
  }

  /** Whether diagnose's verdict is true in a healthy phase. */
  static boolean rightInHealth(Look look) {
    return switch (look.verdict()) {
      case "leak" -> false;
      case "growing" ->
          look.measured().seenGrowthBytes() > 0
              && look.measured().seenGrowthBytes() >= SEEN_FRACTION_MIN * look.statedGrowthBytes();
      default -> true;
    };
  }

  /** Whether diagnose's verdict is true of a planted leak. */
  static boolean rightOnLeak(Server.Leak leak, Look look) {
    return TOLD.contains(look.verdict()) && leak.owners().contains(look.mostGrown());
  }

  private static List<String> always(Server.Memory memory, Look look) {
    List<String> faults = new ArrayList<>();
    if (!look.allocators().contains(memory.allocator())) {
      faults.add("inspect: " + look.allocators() + " instead of " + memory.allocator());
    }
    if (look.unexplainedShare() > UNEXPLAINED_MAX) {
      faults.add(
          String.format(
              Locale.ROOT,
              "inspect: %.1f %% of the resident memory is unexplained",
              100 * look.unexplainedShare()));
    }
    long stated =
        look.suspects().stream()
            .filter(one -> one.unreferenced() != null && !isOfObjects(one))
            .count();
    if (stated > 0) {
      faults.add("unreferenced stated of " + stated + " suspects whose objects are not known");
    }
    long claimed = look.suspects().stream().mapToLong(Look.Suspect::bytesGrowth).sum();
    long grown =
        Math.max(
            Math.max(look.inUseGrowthBytes(), look.statedGrowthBytes()),
            look.measured().anonymousGrowthBytes());
    if (claimed > Math.max(0, grown) * (1 + SLACK_FRACTION) + SLACK_BYTES) {
      faults.add("suspects " + mebibytes(claimed) + ", grown " + mebibytes(grown));
    }
    return faults;
  }

  private static boolean isOfObjects(Look.Suspect suspect) {
    return suspect.kind().equals("malloc")
        || (suspect.kind().equals("jemalloc") && suspect.chunkBytes() != PAGE_BYTES);
  }

  private static String or(String text, String other) {
    return text.isEmpty() ? other : text;
  }

  static String percent(double fraction) {
    return Math.round(fraction * 100) + " %";
  }

  private static String kibibytes(long bytes) {
    return String.format(Locale.ROOT, "%+d KiB", bytes / 1024);
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%+.1f MiB", bytes / 1048576.0);
  }
}
