package io.leakwatch.diagnosis;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.turnover.ObjectTurnover;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.verdict.Churn;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What came and went between the two readings of a diagnosis, owner by owner. */
final class Turnovers {
  private static final int OLD_SIZES_MAX = 64;
  private static final int OLD_SAMPLE_MAX = 100;

  private final long bytesMax;
  private final int newSampleMax;
  private final Map<Allocator, ObjectTurnover> byOwner = new EnumMap<>(Allocator.class);
  private final Map<Allocator, Map<Long, long[]>> old = new EnumMap<>(Allocator.class);
  private final Map<Long, String> oldTypes = new HashMap<>();

  /**
   * Nothing yet.
   *
   * @param bytesMax for the sets of objects of each owner
   * @param newSampleMax objects of each size that came of which addresses are kept
   */
  Turnovers(long bytesMax, int newSampleMax) {
    this.bytesMax = bytesMax;
    this.newSampleMax = newSampleMax;
  }

  private ObjectTurnover of(Allocator owner) {
    return byOwner.computeIfAbsent(
        owner, o -> new ObjectTurnover(o, bytesMax, OLD_SAMPLE_MAX, newSampleMax));
  }

  /** Listens to the first walk over an owner's memory. */
  ObjectVisitor first(Allocator owner) {
    return of(owner).first();
  }

  /** Listens to the second one. */
  ObjectVisitor second(Allocator owner) {
    return of(owner).second();
  }

  /** Asks what a sample of the first walk's objects is, before they go. */
  void remember(Function<Map<Long, long[]>, Map<Long, String>> types) {
    byOwner.forEach(
        (owner, turnover) -> {
          Map<Long, long[]> sample = turnover.oldSamples(OLD_SIZES_MAX);
          old.put(owner, sample);
          oldTypes.putAll(types.apply(sample));
        });
  }

  List<ObjectTurnover> owners() {
    return new ArrayList<>(byOwner.values());
  }

  /** Addresses of the first walk's sample of one size. */
  long[] old(Allocator owner, long usableBytes) {
    return old.getOrDefault(owner, Map.of()).getOrDefault(usableBytes, new long[0]);
  }

  /** The first walk's sample by what the objects are. */
  Map<EarlierSearch.Sort, List<Long>> oldSorts() {
    Map<EarlierSearch.Sort, List<Long>> sorts = new HashMap<>();
    old.forEach(
        (owner, sizes) ->
            sizes.forEach(
                (usableBytes, addresses) -> {
                  Suspect.Place place = Suspect.Place.among(owner, owner.ownBytes(usableBytes));
                  for (long address : addresses) {
                    String type = oldTypes.getOrDefault(address, "");
                    sorts
                        .computeIfAbsent(
                            new EarlierSearch.Sort(place, type), unseen -> new ArrayList<>())
                        .add(address);
                  }
                }));
    return sorts;
  }

  /** What those were, by address. */
  Map<Long, String> oldTypes() {
    return oldTypes;
  }

  /** By what chance moves what all owners together have in use. */
  Churn churn() {
    return byOwner.values().stream()
        .map(
            turnover ->
                new Churn(
                    turnover.deviationBytes(),
                    turnover.largeDeviationBytes(),
                    turnover.largeGrowthBytes()))
        .reduce(Churn.NONE, Churn::plus);
  }
}
