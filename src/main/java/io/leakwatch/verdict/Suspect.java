package io.leakwatch.verdict;

import java.util.List;

/**
 * A group of equal things that grew between two readings.
 *
 * @param chunkBytes size of one of them as the allocator counts it: the chunk, or the distance at
 *     which they lie in pages of other allocators; the page where they cannot be distinguished
 * @param countGrowth how many more there are
 * @param bytesGrowth the same in bytes
 * @param content what they are
 * @param kind of memory that they lie in, by its wire name
 * @param addresses of some of them: of the chunk's header where there is one
 * @param references what refers to them
 */
public record Suspect(
    long chunkBytes,
    long countGrowth,
    long bytesGrowth,
    Content content,
    String kind,
    List<Long> addresses,
    References references) {

  public Suspect {
    addresses = List.copyOf(addresses);
  }

  /**
   * What things are.
   *
   * @param type a class, a container's node, a kind of bytes
   * @param module file name of the module that the type belongs to, {@code ""} when none is known
   * @param samples masked examples
   */
  public record Content(String type, String module, List<String> samples) {
    public Content {
      samples = List.copyOf(samples);
    }
  }

  /**
   * What refers to things, as far as samples of them tell.
   *
   * @param unreferencedFraction share of the sampled ones that nothing refers to, {@code NaN} while
   *     that is unknown
   * @param undecidedFraction share of them whose holders could not be followed to an end
   * @param holders what refers to the others, the most frequent first
   */
  public record References(
      double unreferencedFraction, double undecidedFraction, List<Holder> holders) {
    /** While nobody was asked. */
    public static final References UNKNOWN = new References(Double.NaN, Double.NaN, List.of());

    public References {
      holders = List.copyOf(holders);
    }
  }

  /**
   * Somebody who refers to suspects.
   *
   * @param where a variable by its symbol, chunks by their type, a thread's stack
   * @param fraction of the sampled suspects that it leads to
   */
  public record Holder(String where, double fraction) {}

  /** The same, with what the search for holders found. */
  public Suspect heldBy(References found) {
    return new Suspect(chunkBytes, countGrowth, bytesGrowth, content, kind, addresses, found);
  }
}
