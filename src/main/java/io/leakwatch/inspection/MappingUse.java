package io.leakwatch.inspection;

import io.leakwatch.proc.file.PrintedPath;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * What most of a process' mappings are, in words, where they are so many that it matters.
 *
 * <p>Stacks are known by their kind. Files are taken together by the ending of their names, and
 * whether they were deleted: programs that lose mappings map many files of one kind. Of plain files
 * no more than 3,072 names are read; those stand for all.
 */
final class MappingUse {
  /** A process with fewer is far from any limit. */
  private static final int MAPPINGS_MIN = 4096;

  /** The end of a name that found no room in the table of names. */
  private static final String UNREAD = "…";

  private static final double MOST = 0.5;

  /** Of each stack and its guard one at least is known to be that. */
  private static final double STACKS_MOST = 0.4;

  private static final int ENDING_CHARS_MAX = 12;
  private static final int NAME_CHARS_MAX = 64;

  private MappingUse() {}

  /** Whether it is worth asking. */
  static boolean isMany(MappingTable table) {
    return table.size() >= MAPPINGS_MIN;
  }

  /**
   * In words that follow "most of it is"; {@code ""} where no kind has most of them.
   *
   * @param threads that the process has, less than 0 when unknown
   */
  static String most(MappingTable table, Layout layout, long threads) {
    if (!isMany(table)) {
      return "";
    }
    int stacks = layout.totals(RegionKind.THREAD_STACK).count();
    if (stacks >= STACKS_MOST * table.size()) {
      return stacks
          + " mappings of thread stacks"
          + (threads < 0
              ? ""
              : ", while it has " + threads + (threads == 1 ? " thread" : " threads"));
    }
    IdentityHashMap<String, String> kindOfName =
        new IdentityHashMap<>(); // Equal names are one object.
    Map<String, Integer> kinds = new HashMap<>();
    int known = 0;
    for (int i = 0; i < table.size(); i++) {
      String name = table.name(i);
      if (!name.endsWith(UNREAD)) {
        kinds.merge(kindOfName.computeIfAbsent(name, MappingUse::kind), 1, Integer::sum);
        known++;
      }
    }
    return inWords(kinds, known, table.size());
  }

  private static String inWords(Map<String, Integer> kinds, int known, int all) {
    String of = known < all ? " of those whose names were read)" : ")";
    return kinds.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .filter(most -> most.getValue() >= MOST * known)
        .map(most -> most.getKey() + " (" + Quantity.percent(most.getValue() / (double) known) + of)
        .orElse("");
  }

  private static String kind(String printed) {
    if (printed.isEmpty()) {
      return "anonymous mappings";
    }
    PrintedPath file = PrintedPath.of(printed);
    String name = file.path();
    String deleted = file.deleted() ? "deleted " : "";
    if (!name.startsWith("/")) {
      return "mappings named " + harmless(name);
    }
    if (name.startsWith("/memfd:")) {
      return "mappings of " + harmless(name.substring(1));
    }
    int slash = name.lastIndexOf('/');
    int dot = name.lastIndexOf('.');
    String ending = dot > slash ? name.substring(dot) : "";
    return ending.length() > 1 && ending.length() <= ENDING_CHARS_MAX
        ? "mappings of " + deleted + "*" + harmless(ending) + " files"
        : "mappings of " + deleted + "files in " + harmless(name.substring(0, Math.max(1, slash)));
  }

  private static String harmless(String foreign) {
    return ForeignText.harmless(foreign, NAME_CHARS_MAX);
  }
}
