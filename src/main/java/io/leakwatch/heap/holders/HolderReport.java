package io.leakwatch.heap.holders;

import java.util.List;

/**
 * What a search for holders found.
 *
 * @param groups by group number, ascending; those without a suspect are not there
 * @param notes what could not be searched and may hold what seems unreferenced
 * @param details what else could not be seen
 */
public record HolderReport(
    List<Group> groups, Search search, List<String> notes, List<String> details) {

  /**
   * How much was searched.
   *
   * @param passes scans that were made
   * @param searchedBytes present memory that one pass reads
   * @param unsearchedFraction share of the process' memory that could hold a pointer and was not
   *     read: swapped out, refused, or beyond the budget; 0 to 1
   * @param isWhole whether so little was left out that what was not found is not there
   */
  public record Search(
      int passes, long searchedBytes, double unsearchedFraction, boolean isWhole) {}

  /**
   * The suspects of one group. Fractions are of those that still lived at the end.
   *
   * @param searched suspects that were searched for
   * @param freedMeanwhile of them those that were freed during the search
   * @param unreferenced first bytes of those that nothing refers to, or only such as nothing refers
   *     to
   * @param undecidedFraction whose holders could not be followed to an end
   * @param holders largest fraction first; a suspect that is held twice counts for both
   */
  public record Group(
      int group,
      int searched,
      int freedMeanwhile,
      List<Long> unreferenced,
      double undecidedFraction,
      List<Holder> holders) {

    /** Those that still lived at the end. */
    public int living() {
      return searched - freedMeanwhile;
    }

    /** Share of the living ones that nothing refers to. */
    public double unreferencedFraction() {
      return living() == 0 ? 0 : (double) unreferenced.size() / living();
    }
  }

  /**
   * Who holds a fraction of the suspects, in words: the nearest holder first.
   *
   * @param isPlace whether it is more than the kind of memory that the reference lies in
   */
  public record Holder(String where, double fraction, boolean isPlace) {}
}
