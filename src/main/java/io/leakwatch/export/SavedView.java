package io.leakwatch.export;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a saved file or directory says of one process, ready to be shown.
 *
 * @param known which figures of the memory the file holds; the others are unknown, whatever stands
 *     in their place
 * @param largest the mappings that hold the most, resident or else mapped, bounded
 * @param notes what could not be seen and why, in words
 */
public record SavedView(
    Identity identity,
    Source source,
    ProcessView.Memory memory,
    KnownFigures known,
    List<Mapping> largest,
    List<String> notes) {

  public SavedView {
    largest = List.copyOf(largest);
    notes = List.copyOf(notes);
  }

  /**
   * Which process it was; texts are {@code ""} when unknown.
   *
   * @param pid null when unknown
   * @param threads -1 when unknown
   * @param startTime null when unknown
   */
  public record Identity(
      @Nullable Integer pid,
      String name,
      String exe,
      String buildId,
      String commandLine,
      long threads,
      @Nullable Instant startTime) {}

  /**
   * What was read.
   *
   * @param format {@code smaps}, {@code maps} or {@code pmap}
   * @param pageBytes base page size of the node that it was saved on
   * @param malformedLines lines that were left out
   */
  public record Source(String file, String format, long pageBytes, int malformedLines) {}

  /**
   * Which figures are known of every mapping.
   *
   * @param resident Rss
   */
  public record KnownFigures(boolean resident, boolean anonymous, boolean swap, boolean lazyFree) {
    /** Those of each kind, where these are known of the whole. */
    public static KnownFigures of(ProcessView.Memory memory) {
      return new KnownFigures(
          true, true, !Double.isNaN(memory.swapBytes()), !Double.isNaN(memory.lazyFreeBytes()));
    }
  }

  /**
   * One mapping.
   *
   * @param permissions as the kernel prints them, {@code rw-p}
   * @param kind the wire name of its kind
   * @param name as the kernel prints it, {@code ""} for none
   */
  public record Mapping(
      long start,
      long end,
      String permissions,
      String kind,
      String name,
      long residentBytes,
      Rest rest) {}

  /** Its other figures. */
  public record Rest(long anonymousBytes, long swapBytes) {}
}
