package io.leakwatch.heap.holders;

import java.util.List;

/**
 * What a search for holders found.
 *
 * @param groups by group number, ascending; those without a suspect are not there
 * @param passes scans that were made
 * @param searchedBytes present memory that one pass reads
 * @param unsearchedFraction share of the process' memory that could hold a pointer and was not
 *     read: swapped out, refused, or beyond the budget; 0 to 1
 * @param notes what could not be seen and why, in words
 */
public record HolderReport(
    List<Group> groups,
    int passes,
    long searchedBytes,
    double unsearchedFraction,
    List<String> notes) {

  /**
   * The suspects of one group. Fractions are of those that still lived at the end.
   *
   * @param searched suspects that were searched for
   * @param freedMeanwhile of them those that were freed during the search
   * @param unreferencedFraction nothing refers to, or only such as nothing refers to: lost
   * @param undecidedFraction whose holders could not be followed to an end
   * @param holders largest fraction first; a suspect that is held twice counts for both
   */
  public record Group(
      int group,
      int searched,
      int freedMeanwhile,
      double unreferencedFraction,
      double undecidedFraction,
      List<Holder> holders) {}

  /** Who holds a fraction of the suspects, in words: the nearest holder first. */
  public record Holder(String where, double fraction) {}
}
