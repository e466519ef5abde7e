package io.leakwatch.diagnosis;

import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What grew between two readings by the profiles that the owners of memory keep themselves: by the
 * call stack that allocated, or by type.
 */
final class ProfileGrowth {
  private static final long UNCOLLECTED_MIN_BYTES = 1 << 20;
  private static final int SUSPECTS_MAX = 20;
  private static final int FRAMES_MAX = 6;

  /** Less of what grew most is no cause. */
  private static final double LEAST_SHARE = 0.01;

  private final List<Suspect> suspects = new ArrayList<>();
  private final Set<Allocator> owners = EnumSet.noneOf(Allocator.class);

  private ProfileGrowth() {}

  static ProfileGrowth between(OwnerReports before, OwnerReports after) {
    ProfileGrowth growth = new ProfileGrowth();
    for (OwnerReport now : after.owners()) {
      OwnerReport then = before.of(now.owner()).orElse(null);
      if (then != null && !then.profiles().isEmpty() && !now.profiles().isEmpty()) {
        growth.add(now.owner(), then.profiles().get(0), now.profiles().get(0));
      }
    }
    return growth;
  }

  /**
   * What the collectors have not looked at between two readings, in sentences: of what a program
   * has allocated since the last collection nobody knows yet what lives.
   */
  static List<String> uncollected(OwnerReports before, OwnerReports after) {
    List<String> sentences = new ArrayList<>();
    for (OwnerReport now : after.owners()) {
      OwnerReport then = before.of(now.owner()).orElse(null);
      if (then != null && now.collections() >= 0 && now.collections() == then.collections()) {
        long grown = now.garbageBytes() - then.garbageBytes();
        if (grown >= UNCOLLECTED_MIN_BYTES) {
          sentences.add(
              now.owner().wireName()
                  + " has not collected between the two samples: how much of "
                  + Quantity.size(grown)
                  + " that came since is in use is not known; take a longer --for");
        }
      }
    }
    return sentences;
  }

  /** What grew, most bytes first. */
  List<Suspect> suspects() {
    return suspects;
  }

  /** Whether an owner's profiles tell what of its memory grew. */
  boolean isOf(Allocator owner) {
    return owners.contains(owner);
  }

  private void add(Allocator owner, MemoryProfile before, MemoryProfile after) {
    if (before.basis() != after.basis()) {
      return;
    }
    owners.add(owner);
    Map<List<String>, long[]> sums = new HashMap<>();
    for (MemoryProfile.Entry entry : after.entries()) {
      add(sums, entry, 1);
    }
    for (MemoryProfile.Entry entry : before.entries()) {
      add(sums, entry, -1);
    }
    List<Suspect> grown = new ArrayList<>();
    sums.forEach(
        (names, sum) -> {
          if (sum[0] > 0 && sum[1] > 0) {
            grown.add(suspect(owner, names, sum[0], sum[1]));
          }
        });
    grown.sort(Comparator.comparingLong(Suspect::bytesGrowth).reversed());
    double least = grown.isEmpty() ? 0 : LEAST_SHARE * grown.get(0).bytesGrowth();
    grown.removeIf(one -> one.bytesGrowth() < least);
    suspects.addAll(grown.subList(0, Math.min(SUSPECTS_MAX, grown.size())));
  }

  private static void add(Map<List<String>, long[]> sums, MemoryProfile.Entry entry, int sign) {
    long[] sum =
        sums.computeIfAbsent(
            entry.frames().stream().map(Frame::name).toList(), names -> new long[2]);
    sum[0] += sign * entry.objects();
    sum[1] += sign * entry.bytes();
  }

  private static Suspect suspect(Allocator owner, List<String> names, long objects, long bytes) {
    String what = names.stream().limit(FRAMES_MAX).collect(Collectors.joining(" < "));
    return new Suspect(
        bytes / objects,
        objects,
        bytes,
        new Suspect.Content(what, "", List.of()),
        new Suspect.Place(owner.wireName(), 0, false),
        List.of(),
        Suspect.References.UNKNOWN);
  }
}
