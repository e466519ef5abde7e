package io.leakwatch.verdict;

import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.util.List;

/**
 * A group of equal things that grew between two readings.
 *
 * @param chunkBytes size of one of them as the allocator counts it: the chunk, or the distance at
 *     which they lie in pages of other allocators; the page where they cannot be distinguished
 * @param countGrowth how many more there are
 * @param bytesGrowth the same in bytes
 * @param content what they are
 * @param place where they lie
 * @param addresses of some of them: the first byte that the application uses
 * @param references what refers to them
 */
public record Suspect(
    long chunkBytes,
    long countGrowth,
    long bytesGrowth,
    Content content,
    Place place,
    List<Long> addresses,
    References references) {

  private static final int FEW = 3;

  public Suspect {
    addresses = List.copyOf(addresses);
  }

  /**
   * Where things lie.
   *
   * @param kind the owner's name for objects of an owner whose inside is known, {@code malloc} for
   *     glibc; the kind of memory for others
   * @param objectBytes that are one's alone, 0 where it is not known where one begins
   * @param mayBeLost whether nobody frees what nothing refers to
   */
  public record Place(String kind, long objectBytes, boolean mayBeLost) {
    private static final String GLIBC = "malloc";

    /** Among the objects of an owner. */
    public static Place among(Allocator owner, long objectBytes) {
      String kind = owner == Allocator.PTMALLOC ? GLIBC : owner.wireName();
      return new Place(kind, objectBytes, objectBytes > 0 && !owner.isCollected());
    }

    /** In pages of a kind, where objects are not known. */
    public static Place inPages(RegionKind kind) {
      return new Place(kind.wireName(), 0, false);
    }
  }

  public String kind() {
    return place.kind();
  }

  /** Whether they are objects that their owner knows, and not just pages. */
  public boolean isOfObjects() {
    return place.objectBytes() > 0;
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
   * @param unreferencedFraction share of the sampled ones that nothing refers to, now and some
   *     seconds later; {@code NaN} while that is unknown, as it is where the objects are
   * @param undecidedFraction share of them whose holders could not be followed to an end
   * @param holders what refers to the others, the most frequent first
   * @param survival of those that looked unreferenced
   */
  public record References(
      double unreferencedFraction,
      double undecidedFraction,
      List<Holder> holders,
      Survival survival) {
    /** While nobody was asked. */
    public static final References UNKNOWN =
        new References(Double.NaN, Double.NaN, List.of(), Survival.NONE);

    public References {
      holders = List.copyOf(holders);
    }

    /**
     * What two whole searches found.
     *
     * @return with an unknown fraction where such objects are referred to in a way that is not
     *     seen, or they are too few to tell
     */
    public static References of(double undecided, List<Holder> holders, Survival survival) {
      return new References(LostObjects.fraction(survival), undecided, holders, survival);
    }

    /** What is known where nothing can be said of what is unreferenced. */
    public static References ofHolders(double undecided, List<Holder> holders) {
      return new References(Double.NaN, undecided, holders, Survival.NONE);
    }
  }

  /**
   * What became of the sampled objects between two searches.
   *
   * @param living not freed when the first search ended
   * @param lost of them unreferenced in both searches
   * @param freed unreferenced in the first and freed before the second ended
   */
  public record Survival(int living, int lost, int freed) {
    public static final Survival NONE = new Survival(0, 0, 0);

    /** Whether so many of the unreferenced ones were freed that the others say nothing. */
    public boolean isReferredToUnseen() {
      return freed > LostObjects.FREED_MAX * (lost + freed);
    }
  }

  /**
   * Somebody who refers to suspects.
   *
   * @param where a variable by its symbol, chunks by their type, a thread's stack
   * @param fraction of the sampled suspects that it leads to
   */
  public record Holder(String where, double fraction) {}

  /**
   * The bytes that it grew by, as far as they tell a cause: an array that grows moves, and then it
   * is one large thing more, though what it holds tells more.
   */
  public double weightBytes() {
    return countGrowth < FEW ? bytesGrowth / 4.0 : bytesGrowth;
  }

  /** A share of it, at least one. */
  public Suspect part(double share) {
    return new Suspect(
        chunkBytes,
        Math.max(1, Math.round(share * countGrowth)),
        Math.round(share * bytesGrowth),
        content,
        place,
        addresses,
        references);
  }

  /** The same, with what the search for holders found. */
  public Suspect heldBy(References found) {
    return new Suspect(chunkBytes, countGrowth, bytesGrowth, content, place, addresses, found);
  }
}
