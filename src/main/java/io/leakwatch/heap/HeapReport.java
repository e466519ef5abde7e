package io.leakwatch.heap;

import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one walk through a process' ptmalloc heaps found. Sizes are bytes.
 *
 * @param layout the glibc layout generation that was recognised, e.g. {@code 2.35-2.42}
 * @param arenas every arena, the main one first; the largest ones of a {@link #brief} report
 * @param others those that are not listed
 * @param mmappedBytes bytes of chunks that malloc got by mmap
 * @param mmappedChunks their number
 * @param cachedBytes free chunks in tcaches and fastbins that were seen; already subtracted from in
 *     use
 * @param coverage share of the heaps' bytes that were walked consistently, 0 to 1
 * @param census in-use chunks by size, largest bytes first, bounded
 * @param notes what could not be seen and why, in words
 */
public record HeapReport(
    String layout,
    List<Arena> arenas,
    Others others,
    long mmappedBytes,
    long mmappedChunks,
    long cachedBytes,
    double coverage,
    List<SizeClass> census,
    List<String> notes) {

  /** A report that lists every arena. */
  public HeapReport(
      String layout,
      List<Arena> arenas,
      long mmappedBytes,
      long mmappedChunks,
      long cachedBytes,
      double coverage,
      List<SizeClass> census,
      List<String> notes) {
    this(
        layout,
        arenas,
        Others.NONE,
        mmappedBytes,
        mmappedChunks,
        cachedBytes,
        coverage,
        census,
        notes);
  }

  /**
   * Arenas that are not listed one by one.
   *
   * @param sums of all of them
   */
  public record Others(int count, Arena sums) {
    static final Others NONE =
        new Others(0, new Arena(-1, false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null));

    private Others plus(Arena arena) {
      return new Others(count + 1, sums.plus(arena));
    }
  }

  /** Arenas of the process, listed or not. */
  public int arenaCount() {
    return arenas.size() + others.count();
  }

  /**
   * The same, with so many arenas listed: those that have most from the system. A server on many
   * processors has hundreds, and a report is kept of each process that is watched.
   */
  public HeapReport brief(int arenasMax) {
    if (arenas.size() <= arenasMax) {
      return this;
    }
    List<Arena> bySize =
        arenas.stream().sorted(Comparator.comparingLong(Arena::systemBytes).reversed()).toList();
    Others left = others;
    for (Arena arena : bySize.subList(arenasMax, bySize.size())) {
      left = left.plus(arena);
    }
    List<Arena> kept =
        bySize.subList(0, arenasMax).stream()
            .sorted(Comparator.comparingInt(Arena::index))
            .toList();
    return new HeapReport(
        layout, kept, left, mmappedBytes, mmappedChunks, cachedBytes, coverage, census, notes);
  }

  /**
   * One arena.
   *
   * @param systemBytes obtained from the system ({@code system_mem})
   * @param inUseBytes not freed by the application, headers included
   * @param freeBytes in bins, fastbins and tcaches as far as seen
   * @param topBytes the top chunk
   * @param trimmableBytes resident bytes that {@code malloc_trim(0)} would give back
   * @param pinnedBytes free bytes below the last chunk in use of each heap
   */
  public record Arena(
      int index,
      boolean main,
      long address,
      int heapCount,
      long systemBytes,
      long inUseBytes,
      long inUseChunks,
      long freeBytes,
      long topBytes,
      long trimmableBytes,
      long pinnedBytes,
      long unknownBytes,
      @Nullable Pin pin) {

    /** Freed and kept by the allocator, the top included. */
    public long keptBytes() {
      return freeBytes + topBytes;
    }

    private Arena plus(Arena other) {
      return new Arena(
          index,
          main,
          address,
          heapCount + other.heapCount,
          systemBytes + other.systemBytes,
          inUseBytes + other.inUseBytes,
          inUseChunks + other.inUseChunks,
          freeBytes + other.freeBytes,
          topBytes + other.topBytes,
          trimmableBytes + other.trimmableBytes,
          pinnedBytes + other.pinnedBytes,
          unknownBytes + other.unknownBytes,
          null);
    }

    Arena withPin(Pin other) {
      return new Arena(
          index,
          main,
          address,
          heapCount,
          systemBytes,
          inUseBytes,
          inUseChunks,
          freeBytes,
          topBytes,
          trimmableBytes,
          pinnedBytes,
          unknownBytes,
          other);
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

  private HeapReport withPins(UnaryOperator<Pin> change) {
    List<Arena> named =
        arenas.stream()
            .map(
                arena -> {
                  Pin pin = arena.pin();
                  return pin == null ? arena : arena.withPin(change.apply(pin));
                })
            .toList();
    return new HeapReport(
        layout, named, others, mmappedBytes, mmappedChunks, cachedBytes, coverage, census, notes);
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

    /** One of which nobody has asked who holds it. */
    public Pin(long address, long chunkBytes, String content, long freedByReleaseBytes) {
      this(address, chunkBytes, content, freedByReleaseBytes, "");
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

  /** In-use chunks of one chunk size. */
  public record SizeClass(long chunkBytes, long count, long bytes) {}
}
