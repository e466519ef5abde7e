package io.leakwatch.heap;

import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What one walk through a process' ptmalloc heaps found. Sizes are bytes.
 *
 * @param layout the glibc layout generation that was recognised, e.g. {@code 2.35-2.42}
 * @param arenas every arena, the main one first
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
    long mmappedBytes,
    long mmappedChunks,
    long cachedBytes,
    double coverage,
    List<SizeClass> census,
    List<String> notes) {

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
        layout, named, mmappedBytes, mmappedChunks, cachedBytes, coverage, census, notes);
  }

  /**
   * The chunk in use that keeps the top from shrinking.
   *
   * @param content masked first words
   * @param freedByReleaseBytes how far the top would come down if it were freed
   * @param holder who points at it, {@code ""} while that is unknown
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

  /** In-use chunks of one chunk size. */
  public record SizeClass(long chunkBytes, long count, long bytes) {}
}
