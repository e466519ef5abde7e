package io.leakwatch.region;

import io.leakwatch.elf.Linkage;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which allocators are at work, and which of them serves {@code malloc}.
 *
 * <p>A library or symbol shows that jemalloc or tcmalloc is present, not that it serves malloc:
 * programs link jemalloc under prefixed names beside glibc's. Under a preloaded jemalloc no
 * structure of ptmalloc comes to life, so thread arenas confirmed in memory mean that glibc serves
 * malloc; without them a library that replaces malloc does.
 */
final class Allocators {
  private static final int CHUNKS_CHECKED = 6;

  private boolean jemalloc;
  private boolean tcmalloc;
  private boolean go;
  private boolean jvm;
  private boolean libc;
  private boolean brk;
  private boolean preloaded;
  private boolean replacesMalloc;
  private boolean arenas;
  private boolean shapes;
  private boolean brkChunks;

  void reset(MappingTable table, Linkage linkage) {
    jemalloc = linkage.jemalloc();
    tcmalloc = linkage.tcmalloc();
    go = linkage.go();
    replacesMalloc = linkage.replacesMalloc();
    jvm = false;
    libc = false;
    brk = false;
    preloaded = false;
    arenas = false;
    shapes = false;
    brkChunks = false;
    String last = "";
    for (int i = 0; i < table.size(); i++) {
      String name = table.name(i);
      if (!name.isEmpty() && !name.equals(last)) {
        last = name;
        note(name);
      }
    }
  }

  private void note(String name) {
    if (name.charAt(0) == '/') {
      String file = name.substring(name.lastIndexOf('/') + 1);
      if (file.startsWith("libjemalloc")) {
        jemalloc = true;
        preloaded = true;
      } else if (file.startsWith("libtcmalloc")) {
        tcmalloc = true;
        preloaded = true;
      }
      jvm |= file.startsWith("libjvm.so");
      libc |= file.startsWith("libc.so.6") || file.startsWith("libc-2.");
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

  boolean jvm() {
    return jvm;
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
    for (int i = 0; i < table.size(); i++) {
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

  private boolean other() {
    return jemalloc || tcmalloc;
  }

  /** Confirmed, or the only candidate of a program with a C library or a brk heap. */
  boolean ptmalloc() {
    return arenas || brkChunks || (!other() && (libc || shapes || (brk && !go)));
  }

  /** Whether jemalloc or tcmalloc serves malloc. */
  boolean otherServesMalloc() {
    return other() && !arenas && (preloaded || replacesMalloc || !ptmalloc());
  }

  /** The kind of memory that jemalloc or tcmalloc owns; null when neither is at work. */
  @Nullable RegionKind otherKind() {
    return tcmalloc ? RegionKind.TCMALLOC : jemalloc ? RegionKind.JEMALLOC : null;
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
    if (ptmalloc && otherServesMalloc()) {
      names.add(Allocator.PTMALLOC.wireName());
    }
    if (jvm) {
      names.add(Allocator.JVM.wireName());
    }
    if (go) {
      names.add(Allocator.GO.wireName());
    }
    return List.copyOf(names);
  }
}
