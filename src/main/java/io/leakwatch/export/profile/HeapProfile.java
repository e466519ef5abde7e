package io.leakwatch.export.profile;

import io.leakwatch.heap.MemoryProfile.Frame;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a process holds, attributed: the profiles of all owners of its memory in one; or what of it
 * changed.
 *
 * @param process name of the process
 * @param time of the reading
 * @param samples most bytes first, gained or given back
 */
public record HeapProfile(String process, Instant time, List<Sample> samples) {
  public HeapProfile {
    samples =
        samples.stream()
            .sorted(Comparator.comparingLong((Sample s) -> -Math.abs(s.bytes())))
            .toList();
  }

  /**
   * Objects that are attributed to the same.
   *
   * @param owner of the memory by its wire name
   * @param frames calls that allocated them, the innermost first; or what they are, and behind it
   *     who holds it
   * @param objects of a difference: gained, negative where they were given back
   * @param bytes likewise
   */
  public record Sample(String owner, List<Frame> frames, long objects, long bytes) {
    public Sample {
      frames = List.copyOf(frames);
    }

    private Key key() {
      return new Key(owner, frames.stream().map(Frame::name).toList());
    }

    private Sample with(long objectsMore, long bytesMore) {
      return new Sample(owner, frames, objects + objectsMore, bytes + bytesMore);
    }
  }

  /** What is the same in two profiles: a line of the source may move from build to build. */
  private record Key(String owner, List<String> names) {}

  /** All bytes. */
  public long bytes() {
    return samples.stream().mapToLong(Sample::bytes).sum();
  }

  /** What changed since an earlier one; without what did not. */
  public HeapProfile since(HeapProfile earlier) {
    Map<Key, Sample> changed = new LinkedHashMap<>();
    samples.forEach(
        sample ->
            changed.merge(
                sample.key(), sample, (one, other) -> one.with(other.objects(), other.bytes())));
    earlier.samples.forEach(
        sample ->
            changed.merge(
                sample.key(),
                new Sample(sample.owner(), sample.frames(), -sample.objects(), -sample.bytes()),
                (one, other) -> one.with(other.objects(), other.bytes())));
    List<Sample> kept = new ArrayList<>(changed.values());
    kept.removeIf(sample -> sample.objects() == 0 && sample.bytes() == 0);
    return new HeapProfile(process, time, kept);
  }
}
