package io.leakwatch.heap;

import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * What an owner holds of which nothing is told but what all have in common. Sizes are bytes.
 *
 * @param blocks in use
 * @param foreignBytes resident in large private mappings where the owner has nothing
 */
public record BlocksReport(
    Allocator owner,
    ReleaseCall release,
    Recognition recognition,
    Balance balance,
    Blocks blocks,
    long foreignBytes)
    implements OwnerReport {

  /**
   * What is in use.
   *
   * @param census by size, most bytes first, bounded
   * @param profiles where the owner knows what its blocks are, and that was asked for
   */
  public record Blocks(long objects, List<SizeClass> census, List<MemoryProfile> profiles) {
    /** Nothing. */
    static final Blocks NONE = new Blocks(0, List.of(), List.of());

    public Blocks {
      profiles = List.copyOf(profiles);
    }

    /** Of an owner that knows no more than sizes. */
    public static Blocks of(long objects, List<SizeClass> census) {
      return new Blocks(objects, census, List.of());
    }

    private Blocks brief(int partsMax) {
      return profiles.isEmpty()
          ? this
          : new Blocks(objects, census, profiles.stream().map(one -> one.brief(partsMax)).toList());
    }
  }

  /** Of an owner whose structures were not found, or are not known. */
  public static BlocksReport none(Allocator owner, String note) {
    return new BlocksReport(
        owner, ReleaseCall.NONE, Recognition.none(note), Balance.ZERO, Blocks.NONE, 0);
  }

  @Override
  public long objects() {
    return blocks.objects();
  }

  @Override
  public List<SizeClass> census() {
    return blocks.census();
  }

  @Override
  public List<MemoryProfile> profiles() {
    return blocks.profiles();
  }

  @Override
  public BlocksReport brief(int partsMax) {
    return new BlocksReport(
        owner, release, recognition, balance, blocks.brief(partsMax), foreignBytes);
  }
}
