package io.leakwatch.region;

import io.leakwatch.elf.Linkage;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which allocators are at work, and which of them serves {@code malloc}.
 *
 * <p>A library or symbol shows that jemalloc or tcmalloc is present, not that it serves malloc:
 * programs link jemalloc under prefixed names beside glibc's. Under a preloaded jemalloc no
 * structure of ptmalloc comes to life, so thread arenas confirmed in memory, or memory that glibc's
 * malloc has named, mean that glibc serves malloc; without them a library that replaces malloc
 * does.
 */
final class Allocators {
  private static final int CHUNKS_CHECKED = 6;
  private static final Pattern PYTHON = Pattern.compile("python3(\\.\\d+)?d?");

  /** More than the mappings of nearly all processes take together. */
  private static final long MMAP_AREA_BYTES = 1L << 40;

  private boolean jemalloc;
  private boolean tcmalloc;
  private boolean mimalloc;
  private boolean musl;
  private boolean go;
  private boolean jvm;
  private boolean python;
  private boolean pythonArenas;
  private boolean beam;
  private boolean beamCarriers;
  private long libcAddress;
  private boolean glibcNames;
  private boolean brk;
  private boolean preloaded;
  private boolean replacesMalloc;
  private boolean arenas;
  private boolean shapes;
  private boolean brkChunks;
  private boolean unread;

  void reset(MappingTable table, Linkage linkage) {
    jemalloc = linkage.jemalloc();
    tcmalloc = linkage.tcmalloc();
    mimalloc = linkage.mimalloc();
    musl = linkage.musl();
    go = linkage.go();
    replacesMalloc = linkage.replacesMalloc();
    jvm = false;
    python = false;
    pythonArenas = false;
    beam = false;
    beamCarriers = false;
    libcAddress = 0;
    glibcNames = false;
    brk = false;
    preloaded = false;
    arenas = false;
    shapes = false;
    brkChunks = false;
    unread = false;
    String last = "";
    for (int i = 0; i < table.size(); i++) {
      String name = table.name(i);
      if (!name.isEmpty() && !name.equals(last)) {
        last = name;
        note(name, table.start(i));
      }
    }
  }

  private void note(String name, long address) {
    if (name.charAt(0) == '/') {
      String file = name.substring(name.lastIndexOf('/') + 1);
      if (file.startsWith("libjemalloc")) {
        jemalloc = true;
        preloaded = true;
      } else if (file.startsWith("libtcmalloc")) {
        tcmalloc = true;
        preloaded = true;
      } else if (file.startsWith("libmimalloc")) {
        mimalloc = true;
        preloaded = true;
      } else if (file.startsWith("ld-musl-") || file.startsWith("libc.musl-")) {
        musl = true;
        preloaded = true;
      }
      jvm |= file.startsWith("libjvm.so");
      python |= file.startsWith("libpython3.") || PYTHON.matcher(file).matches();
      beam |= file.startsWith("beam.");
      if (file.startsWith("libc.so.6") || file.startsWith("libc-2.")) {
        libcAddress = address;
      } else if (libcAddress == 0 && (file.startsWith("ld-linux") || file.startsWith("ld-2."))) {
        libcAddress = address; // Its loader shows glibc as well.
      }
    } else if (name.startsWith("[anon: glibc: malloc")) {
      glibcNames = true;
    } else if (name.startsWith("[anon:jemalloc")) {
      jemalloc = true;
    } else if (name.startsWith("[anon:tcmalloc")) {
      tcmalloc = true;
    } else if (name.startsWith("[anon: Go:")) {
      go = true;
    } else if (name.equals("[heap]")) {
      brk = true;
    }
  }

  /** Whether Erlang's virtual machine runs, e.g. {@code beam.smp}. */
  boolean mayBeBeam() {
    return beam;
  }

  void noteBeamCarriers() {
    beamCarriers = true;
  }

  boolean jvm() {
    return jvm;
  }

  boolean go() {
    return go;
  }

  /** Whether a file of CPython is mapped. */
  boolean python() {
    return python;
  }

  void notePythonArenas() {
    pythonArenas = true;
  }

  /**
   * Whether a heap of glibc's malloc may lie at an address: the kernel chose it, as it chose that
   * of glibc itself. Elsewhere lies what a program or runtime put there on purpose.
   */
  boolean mayHoldHeap(long address) {
    return libcAddress != 0 ? Math.abs(address - libcAddress) < MMAP_AREA_BYTES : glibcNames;
  }

  void noteGo() {
    go = true;
  }

  void noteArenas() {
    arenas = true;
  }

  /** Heaps known by their shape only: they show ptmalloc where nothing else explains them. */
  void noteShapes() {
    shapes = true;
  }

  /** Reads the first chunks of the brk heap: their sizes must lead from one to the next. */
  void lookAtBrk(LayoutDraft canvas, MemoryProbe probe) {
    MappingTable table = canvas.table();
    unread = !probe.mayRead();
    for (int i = 0; i < table.size() && !unread; i++) {
      if (canvas.kind(i) == RegionKind.BRK_HEAP) {
        brkChunks = beginsWithChunks(table.start(i), table.end(i), probe);
        return;
      }
    }
  }

  private static boolean beginsWithChunks(long start, long end, MemoryProbe probe) {
    long[] header = new long[2];
    long at = start;
    for (int n = 0; n < CHUNKS_CHECKED; n++) {
      if (!probe.read(at, header)) {
        return false;
      }
      long size = header[1] & ~7L;
      if ((header[1] & 6) != 0 || size < 32 || size % 16 != 0 || size > end - at) {
        return false;
      }
      at += size;
      if (at == end) {
        return true;
      }
    }
    return true;
  }

  /** glibc names its mappings where it is told to (glibc.mem.decorate_maps, 2.39). */
  private boolean confirmed() {
    return arenas || glibcNames;
  }

  private boolean other() {
    return jemalloc || tcmalloc || mimalloc || musl;
  }

  /** Confirmed, or the only candidate of a program with a C library or a brk heap. */
  boolean ptmalloc() {
    boolean likely = libcAddress != 0 || shapes || (brk && !go);
    return confirmed() || brkChunks || (likely && !other()) || isLeftToGlibc();
  }

  /** Where memory may not be read, one that is present under other names leaves malloc alone. */
  private boolean isLeftToGlibc() {
    return unread && libcAddress != 0 && !preloaded && !replacesMalloc;
  }

  /** Whether another allocator serves malloc. */
  boolean otherServesMalloc() {
    return other() && !confirmed() && (preloaded || replacesMalloc || !ptmalloc());
  }

  /** The kind of memory that another allocator owns; null when none is at work. */
  @Nullable RegionKind otherKind() {
    if (tcmalloc) {
      return RegionKind.TCMALLOC;
    }
    if (jemalloc) {
      return RegionKind.JEMALLOC;
    }
    return mimalloc ? RegionKind.MIMALLOC : musl ? RegionKind.MUSL : null;
  }

  List<String> names() {
    List<String> names = new ArrayList<>();
    boolean ptmalloc = ptmalloc();
    if (ptmalloc && !otherServesMalloc()) {
      names.add(Allocator.PTMALLOC.wireName());
    }
    if (tcmalloc) {
      names.add(Allocator.TCMALLOC.wireName());
    }
    if (jemalloc) {
      names.add(Allocator.JEMALLOC.wireName());
    }
    if (mimalloc) {
      names.add(Allocator.MIMALLOC.wireName());
    }
    if (musl) {
      names.add(Allocator.MUSL.wireName());
    }
    if (ptmalloc && otherServesMalloc()) {
      names.add(Allocator.PTMALLOC.wireName());
    }
    if (jvm) {
      names.add(Allocator.JVM.wireName());
    }
    if (go) {
      names.add(Allocator.GO.wireName());
    }
    if (pythonArenas) {
      names.add(Allocator.PYTHON.wireName());
    }
    if (beamCarriers) {
      names.add(Allocator.BEAM.wireName());
    }
    return List.copyOf(names);
  }
}
