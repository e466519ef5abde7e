package io.leakwatch.heap.beam;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.Balance.Part;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.memory.Presence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds up what BEAM's carriers hold. Those that came from malloc are part of malloc's memory, so
 * they count in the profile alone.
 */
final class CarrierTally {
  private final Presence presence;
  private final Balance.Builder parts = Balance.builder();
  private final Map<Integer, String> names = new TreeMap<>();
  private final long[] counts = new long[BeamAllocator.KINDS];
  private final long[] sizes = new long[BeamAllocator.KINDS];
  private long objects;
  private long mallocBytes;

  CarrierTally(Presence presence) {
    this.presence = presence;
  }

  /** Adds a carrier. */
  void add(Carrier carrier) {
    names.put(carrier.allocator().number(), carrier.allocator().name());
    for (int kind = 0; kind < BeamAllocator.KINDS; kind++) {
      counts[kind] += carrier.counts().of(kind);
      sizes[kind] += carrier.sizes().of(kind);
    }
    if (!carrier.isMapped()) {
      mallocBytes += carrier.bytes();
      return;
    }
    objects += carrier.counts().all();
    long live = carrier.sizes().all();
    long free = carrier.bytes() - carrier.headBytes() - live;
    long absent = presence.untouchedBytes(carrier.address(), carrier.end());
    long returned = Math.min(absent, free);
    long untouched = Math.min(absent - returned, live);
    parts
        .add(Part.LIVE, live - untouched)
        .add(Part.UNTOUCHED, untouched)
        .add(live > 0 ? Part.PINNED : Part.KEPT, free - returned)
        .add(Part.RETURNED, returned)
        .add(Part.METADATA, carrier.headBytes());
  }

  /** Blocks in use, those in malloc's memory excepted. */
  long objects() {
    return objects;
  }

  /** Bytes of carriers that came from malloc. */
  long mallocBytes() {
    return mallocBytes;
  }

  Balance balance() {
    return parts.build();
  }

  /** What is in use by the kinds of allocators. */
  MemoryProfile profile() {
    List<MemoryProfile.Entry> entries = new ArrayList<>();
    for (int kind = 0; kind < BeamAllocator.KINDS; kind++) {
      if (counts[kind] > 0) {
        String name = names.getOrDefault(kind, "allocator " + kind);
        entries.add(MemoryProfile.Entry.ofType(name, counts[kind], sizes[kind]));
      }
    }
    return new MemoryProfile(MemoryProfile.Basis.TYPE, entries);
  }
}
