package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkWindow;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * The objects of the old spaces by class, reachable or not. Where there is more than may be read,
 * regions of G1 are drawn at random and what they hold is taken for all; how far a class may be off
 * follows from how much of it differs between regions. A space of another collector is read from
 * its bottom as far as may be.
 */
final class ClassHistogram {
  private static final int WINDOW_BYTES = 1 << 18;
  private static final int ENTRIES_MAX = 500;

  /** A sample's sum lies within so many standard errors of the truth, 19 times of 20. */
  private static final double ERRORS = 2;

  private final ClassTable classes;
  private final ObjectFields fields;
  private final ObjectWalk walk;
  private final List<String> notes = new ArrayList<>();
  private long objects;

  ClassHistogram(
      OwnerTarget target,
      VmStructs structs,
      JvmFlags flags,
      TargetWords words,
      ByteBudget budget,
      SizeCensus census,
      ObjectVisitor visitor) {
    ObjectLayout layout = new ObjectLayout(structs, flags, words);
    this.classes = new ClassTable(structs, words);
    this.fields = new ObjectFields(structs, words, layout, classes);
    Presence presence = new Presence(target.memory());
    WalkWindow window = new WalkWindow(target.memory(), presence, budget, WINDOW_BYTES);
    this.walk = new ObjectWalk(words, classes, layout, fields, window, census, visitor);
  }

  /** Counts, reading no more than so many bytes of old spaces. */
  void count(JavaHeap heap, List<Space> spaces, long bytesMax) {
    if (!classes.isKnown()) {
      notes.add("the JVM does not say where the names of its classes are");
      return;
    }
    List<Space> old = of(spaces, Space.Kind.OLD);
    long oldBytes = old.stream().mapToLong(Space::usedBytes).sum();
    List<Space> read = oldBytes <= bytesMax ? old : part(heap, old, bytesMax);
    read.forEach(space -> walk.walk(space, heap.end()));
    if (heap.collector() == JavaHeap.Collector.G1 && read.size() < old.size()) {
      scale(old, read, oldBytes);
    } else if (read != old) {
      notes.add(
          "of "
              + Quantity.size(oldBytes)
              + " in the old space only the first "
              + Quantity.size(bytesMax)
              + " were read");
    }
    of(spaces, Space.Kind.HUMONGOUS).forEach(space -> walk.walk(space, heap.end()));
    objects = classes.classes().stream().mapToLong(JavaClass::objects).sum();
  }

  private static List<Space> of(List<Space> spaces, Space.Kind kind) {
    return spaces.stream().filter(space -> space.kind() == kind).toList();
  }

  /** So much of it as may be read, in the order of addresses. */
  private static List<Space> part(JavaHeap heap, List<Space> old, long bytesMax) {
    List<Space> part = new ArrayList<>();
    if (heap.collector() != JavaHeap.Collector.G1) {
      Space space = old.get(0);
      long top = Math.min(space.top(), space.bottom() + (bytesMax & -8L));
      part.add(new Space(space.kind(), space.bottom(), top, space.end()));
      return part;
    }
    List<Space> drawn = new ArrayList<>(old);
    Collections.shuffle(drawn, new Random(old.size()));
    long bytes = 0;
    for (Space space : drawn) {
      bytes += space.usedBytes();
      if (bytes > bytesMax && !part.isEmpty()) {
        break;
      }
      part.add(space);
    }
    part.sort(Comparator.comparingLong(Space::bottom));
    return part;
  }

  private void scale(List<Space> old, List<Space> read, long oldBytes) {
    long readBytes = read.stream().mapToLong(Space::usedBytes).sum();
    double error =
        classes.classes().stream()
            .max(Comparator.comparingLong(JavaClass::bytes))
            .map(most -> relativeError(most, old.size(), read.size()))
            .orElse(0.0);
    notes.add(
        "counted in "
            + read.size()
            + " of "
            + old.size()
            + " old regions, drawn at random: the largest class is right within "
            + Quantity.percent(Math.min(1, ERRORS * error)));
    double factor = readBytes == 0 ? 1 : (double) oldBytes / readBytes;
    classes.classes().forEach(one -> one.scale(factor));
  }

  /** The standard error of a class' sum over all regions, by those that were drawn. */
  private static double relativeError(JavaClass one, int regions, int drawn) {
    if (drawn < 2 || one.bytes() == 0) {
      return 1;
    }
    double mean = (double) one.bytes() / drawn;
    double variance = Math.max(0, one.squaresOfRegions() - drawn * mean * mean) / (drawn - 1);
    return Math.sqrt((1 - (double) drawn / regions) * variance / drawn) / mean;
  }

  /** Classes of one name, of several loaders too, are one entry. */
  MemoryProfile profile() {
    Map<String, MemoryProfile.Entry> entries = new HashMap<>();
    for (JavaClass one : classes.classes()) {
      if (one.objects() > 0) {
        entries.merge(
            one.name(),
            MemoryProfile.Entry.ofType(one.name(), one.objects(), one.bytes()),
            (first, second) ->
                new MemoryProfile.Entry(
                    first.frames(),
                    first.objects() + second.objects(),
                    first.bytes() + second.bytes()));
      }
    }
    return new MemoryProfile(MemoryProfile.Basis.TYPE, List.copyOf(entries.values()))
        .brief(ENTRIES_MAX);
  }

  /** Objects that were counted. */
  long objects() {
    return objects;
  }

  /** Bytes of direct buffers, -1 where that was not met. */
  long directBytes() {
    return fields.directBytes();
  }

  /** The share of what was read that was understood. */
  double coverage() {
    return walk.wholeBytes() == 0 ? 1 : (double) walk.passedBytes() / walk.wholeBytes();
  }

  List<String> notes() {
    return notes;
  }
}
