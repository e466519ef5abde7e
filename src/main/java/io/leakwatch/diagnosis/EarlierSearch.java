package io.leakwatch.diagnosis;

import io.leakwatch.heap.holders.HolderReport;
import io.leakwatch.heap.holders.SoughtMemory;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What nothing referred to at the first reading, by sort of object. Where the process cannot be
 * looked at once more, as in core files, the search at the second reading is the later one of the
 * two that tell what is lost, and this is the earlier one. So what is told of a sort is what became
 * of those objects that are there in both readings.
 */
final class EarlierSearch {
  private static final EarlierSearch NOTHING = new EarlierSearch(Map.of());

  private final Map<Sort, HolderReport.Group> groups;

  private EarlierSearch(Map<Sort, HolderReport.Group> groups) {
    this.groups = groups;
  }

  /** What objects are alike in. */
  record Sort(Suspect.Place place, String type) {}

  /**
   * Searches.
   *
   * @param samples addresses of some objects of each sort
   * @param objectsMax that are searched for, the same number of each sort
   * @param search over the memory of the first reading
   */
  static EarlierSearch of(
      Map<Sort, List<Long>> samples,
      int objectsMax,
      Function<List<SoughtMemory>, Outcome<HolderReport>> search) {
    List<Sort> sorts = new ArrayList<>(samples.keySet());
    List<SoughtMemory> sought = new ArrayList<>();
    int each = Math.max(1, objectsMax / Math.max(1, sorts.size()));
    for (int i = 0; i < sorts.size(); i++) {
      Sort sort = sorts.get(i);
      int group = i;
      samples.getOrDefault(sort, List.of()).stream()
          .limit(each)
          .map(at -> new SoughtMemory(at, sort.place().objectBytes(), true, group))
          .forEach(sought::add);
    }
    if (sought.isEmpty()
        || !(search.apply(sought) instanceof Outcome.Sampled<HolderReport> found)
        || !found.value().search().isWhole()) {
      return NOTHING;
    }
    Map<Sort, HolderReport.Group> groups = new HashMap<>();
    found.value().groups().forEach(group -> groups.put(sorts.get(group.group()), group));
    return new EarlierSearch(groups);
  }

  /** What it found of the sorts of some suspects, by the suspects' numbers. */
  Map<Integer, HolderReport.Group> of(List<Suspect> suspects) {
    Map<Integer, HolderReport.Group> found = new HashMap<>();
    for (int i = 0; i < suspects.size(); i++) {
      Suspect suspect = suspects.get(i);
      HolderReport.Group group = groups.get(new Sort(suspect.place(), suspect.content().type()));
      if (group != null) {
        found.put(i, group);
      }
    }
    return found;
  }
}
