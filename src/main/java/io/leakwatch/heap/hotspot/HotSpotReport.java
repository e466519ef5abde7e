package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.region.kind.Allocator;
import java.util.List;

/**
 * What a HotSpot JVM holds.
 *
 * <p>Live is what the old generation (of G1 the old and the humongous regions) held after the last
 * collection that cleaned it, as far as that was seen: at the first look what it held after the
 * last collection of any kind, later the least that was met since the last cleaning, of G1 since
 * the last but one, as it cleans in several steps. A heap that only breathes does not grow so. What
 * came since, and all that is young, counts as garbage until a collection tells.
 *
 * @param objects that were counted in old spaces, reachable or not; 0 where only sums were read
 * @param collections since the start, of any kind
 * @param figures what the JVM counts itself
 * @param census of the objects that were counted, by their bytes
 * @param profiles of the objects that were counted, by class
 */
public record HotSpotReport(
    Recognition recognition,
    Balance balance,
    long objects,
    long collections,
    Figures figures,
    List<SizeClass> census,
    List<MemoryProfile> profiles)
    implements OwnerReport {

  /**
   * What a JVM counts itself; -1 for what is not known.
   *
   * @param collector as people call it, e.g. {@code G1}
   * @param threads that live
   * @param metaspaceBytes in use after the last collection, the compressed class space included
   * @param survivedBytes the last collection of any kind, old and young
   * @param directBytes in direct buffers; only known where objects were looked at
   */
  public record Figures(
      String version,
      String collector,
      long threads,
      ClassCount classCount,
      long metaspaceBytes,
      long survivedBytes,
      long directBytes) {
    static final Figures NONE = new Figures("", "", -1, ClassCount.NONE, -1, -1, -1);

    /** Classes that are loaded; -1 where that is not known. */
    public long classes() {
      return classCount.loaded() < 0
          ? -1
          : classCount.loaded() - Math.max(0, classCount.unloaded());
    }

    public long unloadedClasses() {
      return classCount.unloaded();
    }
  }

  /** Classes that were loaded, and unloaded, since the start; -1 where that is not known. */
  public record ClassCount(long loaded, long unloaded) {
    static final ClassCount NONE = new ClassCount(-1, -1);
  }

  /** Of a JVM that could not be read. */
  static HotSpotReport none(String note) {
    return new HotSpotReport(
        Recognition.none(note), Balance.ZERO, 0, -1, Figures.NONE, List.of(), List.of());
  }

  @Override
  public Allocator owner() {
    return Allocator.JVM;
  }

  /** What was old, or survived, when the last collection of any kind had ended. */
  @Override
  public long inUseNowBytes() {
    return figures.survivedBytes() < 0 ? inUseBytes() : figures.survivedBytes();
  }

  @Override
  public HotSpotReport brief(int partsMax) {
    return new HotSpotReport(
        recognition,
        balance,
        objects,
        collections,
        figures,
        census,
        profiles.stream().map(profile -> profile.brief(partsMax)).toList());
  }

  @Override
  public ReleaseCall release() {
    return new ReleaseCall("jcmd PID GC.run", "-XX:G1PeriodicGCInterval=MILLISECONDS or -Xmx");
  }
}
