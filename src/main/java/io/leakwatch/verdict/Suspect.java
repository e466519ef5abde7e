package io.leakwatch.verdict;

import java.util.List;

/**
 * A group of equal things that grew between two readings.
 *
 * @param chunkBytes size of one of them as the allocator counts it: the chunk, or the distance at
 *     which they lie in pages of other allocators; the page where they cannot be distinguished
 * @param countGrowth how many more there are
 * @param bytesGrowth the same in bytes
 * @param type what they are: a class, a container's node, a kind of bytes
 * @param module file name of the module that the type belongs to, {@code ""} when none is known
 * @param samples masked examples
 * @param kind of memory that they lie in, by its wire name
 * @param addresses of some of them: of the chunk's header where there is one
 * @param unreferencedFraction share of the sampled ones that nothing refers to, {@code NaN} while
 *     that is unknown
 * @param undecidedFraction share of them whose holders could not be followed to an end
 * @param holders who refers to the others, the most frequent first
 */
public record Suspect(
    long chunkBytes,
    long countGrowth,
    long bytesGrowth,
    String type,
    String module,
    List<String> samples,
    String kind,
    List<Long> addresses,
    double unreferencedFraction,
    double undecidedFraction,
    List<Holder> holders) {

  public Suspect {
    samples = List.copyOf(samples);
    addresses = List.copyOf(addresses);
    holders = List.copyOf(holders);
  }

  /**
   * Somebody who refers to suspects.
   *
   * @param where a variable by its symbol, chunks by their type, a thread's stack
   * @param fraction of the sampled suspects that it leads to
   */
  public record Holder(String where, double fraction) {}

  /** The same, with what the search for holders found. */
  public Suspect heldBy(double unreferenced, double undecided, List<Holder> found) {
    return new Suspect(
        chunkBytes,
        countGrowth,
        bytesGrowth,
        type,
        module,
        samples,
        kind,
        addresses,
        unreferenced,
        undecided,
        found);
  }
}
