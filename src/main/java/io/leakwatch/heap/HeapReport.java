package io.leakwatch.heap;

import io.leakwatch.region.kind.Allocator;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one walk through a process' ptmalloc heaps found. Sizes are bytes.
 *
 * @param arenas every arena, the main one first; the largest ones of a {@link #brief} report
 * @param others those that are not listed
 * @param mmapped chunks that malloc got by mmap
 * @param cachedBytes free chunks in tcaches and fastbins that were seen; already subtracted from in
 *     use
 * @param census in-use chunks by size, largest bytes first, bounded
 * @param strips the heaps as pictures
 */
public record HeapReport(
    Walk walk,
    List<Arena> arenas,
    Others others,
    Mmapped mmapped,
    long cachedBytes,
    List<SizeClass> census,
    HeapStrips strips)
    implements OwnerReport {

  /** A report that lists every arena and draws none. */
  public HeapReport(
      Walk walk, List<Arena> arenas, Mmapped mmapped, long cachedBytes, List<SizeClass> census) {
    this(walk, arenas, Others.NONE, mmapped, cachedBytes, census, HeapStrips.NONE);
  }

  /**
   * How well the heaps could be walked.
   *
   * @param layout the glibc layout generation that was recognised, e.g. {@code 2.35-2.42}
   * @param coverage share of the heaps' bytes that were walked consistently, 0 to 1
   * @param notes what could not be seen and why, in words
   */
  public record Walk(String layout, double coverage, List<String> notes) {}

  /**
   * Chunks that malloc got by mmap.
   *
   * @param untouchedBytes as an arena has them
   */
  public record Mmapped(long bytes, long chunks, long untouchedBytes) {
    public static final Mmapped NONE = new Mmapped(0, 0, 0);
  }

  /**
   * Arenas that are not listed one by one.
   *
   * @param sums of all of them
   * @param inUseChunks of all of them
   */
  public record Others(int count, HeapTotals sums, long inUseChunks, Absent absent) {
    static final Others NONE = new Others(0, HeapTotals.ZERO, 0, Absent.NONE);

    private Others plus(Arena arena) {
      return new Others(
          count + 1,
          sums.plus(arena.totals),
          inUseChunks + arena.inUseChunks,
          absent.plus(arena.absent));
    }
  }

  /**
   * Whole pages of an arena that are neither present nor swapped out.
   *
   * @param untouchedBytes of large chunks in use: asked for and never written, or given back by the
   *     application's own madvise
   * @param returnedBytes of what is free, the top included: given back or never touched
   * @param returnedPinnedBytes the part of those that lies below a chunk in use
   */
  public record Absent(long untouchedBytes, long returnedBytes, long returnedPinnedBytes) {
    public static final Absent NONE = new Absent(0, 0, 0);

    Absent plus(Absent other) {
      return new Absent(
          untouchedBytes + other.untouchedBytes,
          returnedBytes + other.returnedBytes,
          returnedPinnedBytes + other.returnedPinnedBytes);
    }
  }

  private Absent absent() {
    long untouched = others.absent().untouchedBytes();
    long returned = others.absent().returnedBytes();
    long pinned = others.absent().returnedPinnedBytes();
    for (Arena arena : arenas) { // For each scrape: no object for each arena.
      untouched += arena.absent().untouchedBytes();
      returned += arena.absent().returnedBytes();
      pinned += arena.absent().returnedPinnedBytes();
    }
    return new Absent(untouched, returned, pinned);
  }

  /** Those first in which most free bytes are pinned. */
  public static final Comparator<Arena> MOST_PINNED_FIRST =
      Comparator.comparingLong((Arena arena) -> arena.totals().pinnedBytes()).reversed();

  private static final ReleaseCall RELEASE =
      new ReleaseCall(
          "malloc_trim(0)", "GLIBC_TUNABLES=glibc.malloc.arena_max=N or MALLOC_ARENA_MAX=N");

  private static final Comparator<Arena> BY_SIZE =
      Comparator.comparingLong((Arena arena) -> arena.totals().systemBytes()).reversed();

  @Override
  public Allocator owner() {
    return Allocator.PTMALLOC;
  }

  @Override
  public Recognition recognition() {
    return arenas.isEmpty()
        ? Recognition.none(walk.layout())
        : new Recognition(walk.layout(), 1, walk.coverage(), walk.coverage(), walk.notes());
  }

  @Override
  public boolean isRecognised() {
    return !arenas.isEmpty();
  }

  @Override
  public Balance balance() {
    HeapTotals totals = HeapTotals.of(this);
    Absent absent = absent();
    long untouched = absent.untouchedBytes() + mmapped.untouchedBytes();
    long free = totals.keptBytes() - absent.returnedBytes();
    long cached = Math.min(cachedBytes, free);
    long pinned = Math.min(totals.pinnedBytes() - absent.returnedPinnedBytes(), free - cached);
    return Balance.builder()
        .set(Balance.Part.LIVE, totals.inUseBytes() - untouched)
        .set(Balance.Part.CACHED, cached)
        .set(Balance.Part.PINNED, pinned)
        .set(Balance.Part.KEPT, free - cached - pinned)
        .set(Balance.Part.METADATA, overheadBytes(totals))
        .set(Balance.Part.UNTOUCHED, untouched)
        .set(Balance.Part.RETURNED, absent.returnedBytes())
        .set(Balance.Part.GIVE_BACK, totals.trimmableBytes())
        .build();
  }

  /** Fence posts, headers of arenas and heaps. */
  private long overheadBytes(HeapTotals totals) {
    return totals.systemBytes() - totals.inUseBytes() - totals.keptBytes() - unknownBytes();
  }

  private long unknownBytes() {
    long sum = 0;
    for (Arena arena : arenas) {
      sum += arena.unknownBytes();
    }
    return sum;
  }

  @Override
  public ReleaseCall release() {
    return RELEASE;
  }

  @Override
  public long objects() {
    long sum = others.inUseChunks() + mmapped.chunks();
    for (Arena arena : arenas) {
      sum += arena.inUseChunks();
    }
    return sum;
  }

  /** What is in use and has never been touched, of all arenas and of what malloc got by mmap. */
  public long untouchedBytes() {
    return absent().untouchedBytes() + mmapped.untouchedBytes();
  }

  @Override
  public long inUseBytes() {
    return HeapTotals.of(this).inUseBytes() - untouchedBytes();
  }

  @Override
  public long handedOutBytes() {
    return HeapTotals.of(this).inUseBytes();
  }

  @Override
  public long giveBackBytes() {
    return HeapTotals.of(this).trimmableBytes();
  }

  @Override
  public long freeBytes() {
    return HeapTotals.of(this).keptBytes();
  }

  @Override
  public long pinnedBytes() {
    return HeapTotals.of(this).pinnedBytes();
  }

  /** Arenas of the process, listed or not. */
  public int arenaCount() {
    return arenas.size() + others.count();
  }

  /**
   * The same, with so many arenas listed: those that have most from the system. A server on many
   * processors has hundreds, and a report is kept of each process that is watched.
   */
  @Override
  public HeapReport brief(int arenasMax) {
    if (arenas.size() <= arenasMax) {
      return new HeapReport(walk, arenas, others, mmapped, cachedBytes, census, strips.brief());
    }
    List<Arena> bySize = arenas.stream().sorted(BY_SIZE).toList();
    Others left = others;
    for (Arena arena : bySize.subList(arenasMax, bySize.size())) {
      left = left.plus(arena);
    }
    List<Arena> kept =
        bySize.subList(0, arenasMax).stream()
            .sorted(Comparator.comparingInt(Arena::index))
            .toList();
    return new HeapReport(walk, kept, left, mmapped, cachedBytes, census, strips.brief());
  }

  /**
   * One arena.
   *
   * @param index place in the ring of arenas, the main one's first
   * @param address of its {@code malloc_state}
   * @param inUseChunks how many chunks the application has not freed
   * @param unknownBytes that were not walked consistently
   * @param pin null where nothing lies below a chunk in use
   */
  public record Arena(
      int index,
      long address,
      HeapTotals totals,
      long inUseChunks,
      Absent absent,
      long unknownBytes,
      @Nullable Pin pin) {

    /** Whether it is the one that lies in libc and grows by brk. */
    public boolean main() {
      return index == 0;
    }

    Arena withPin(Pin other) {
      return new Arena(index, address, totals, inUseChunks, absent, unknownBytes, other);
    }
  }

  /** The same with what the chunks are that pin the arenas' tops, as somebody else names them. */
  public HeapReport withPinContent(Function<Pin, String> content) {
    return withPins(
        pin -> {
          String text = content.apply(pin);
          return text.isEmpty() ? pin : pin.named(text);
        });
  }

  /** The same with who holds those chunks; {@code ""} where that is not known. */
  public HeapReport withPinHolders(Function<Pin, String> holder) {
    return withPins(pin -> pin.heldBy(holder.apply(pin)));
  }

  /** The same with pictures of its heaps. */
  public HeapReport with(HeapStrips pictures) {
    return new HeapReport(walk, arenas, others, mmapped, cachedBytes, census, pictures);
  }

  private HeapReport withPins(UnaryOperator<Pin> change) {
    List<Arena> named =
        arenas.stream()
            .map(
                arena -> {
                  Pin pin = arena.pin();
                  return pin == null ? arena : arena.withPin(change.apply(pin));
                })
            .toList();
    return new HeapReport(walk, named, others, mmapped, cachedBytes, census, strips);
  }

  /**
   * The chunk in use that keeps the top from shrinking.
   *
   * @param content masked first words
   * @param freedByReleaseBytes how far the top would come down if it were freed
   * @param holder who refers to it, {@code ""} while that is unknown
   */
  public record Pin(
      long address, long chunkBytes, String content, long freedByReleaseBytes, String holder) {
    private static final int HEADER_BYTES = 16;

    /** One of which nobody has asked who holds it. */
    public Pin(long address, long chunkBytes, String content, long freedByReleaseBytes) {
      this(address, chunkBytes, content, freedByReleaseBytes, "");
    }

    /** The first byte that the application uses. */
    public long objectAddress() {
      return address + HEADER_BYTES;
    }

    /** Bytes that are its alone. */
    public long objectBytes() {
      return Allocator.PTMALLOC.objectBytes(chunkBytes);
    }

    /** Bytes that it can use. */
    public long usableBytes() {
      return Allocator.PTMALLOC.usableBytes(chunkBytes);
    }

    Pin named(String text) {
      return new Pin(address, chunkBytes, text, freedByReleaseBytes, holder);
    }

    Pin heldBy(String text) {
      return new Pin(address, chunkBytes, content, freedByReleaseBytes, text);
    }
  }

  /** A census in as little room as it takes; the list cannot be changed. */
  public static List<SizeClass> census(List<SizeClass> sizes) {
    return SizeClasses.of(sizes);
  }
}
