package io.leakwatch.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.harness.CTarget;
import io.leakwatch.symbols.SymbolIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.fornwall.jelf.ElfFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real libraries as another reader sees them, and damaged ones. */
class ElfImageTest {
  private static Path libc() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      if (line.contains("/libc.so.6")) {
        return Path.of(line.substring(line.indexOf('/')));
      }
    }
    throw new IllegalStateException("no libc");
  }

  @Test
  void shouldAgreeWithAnotherReaderAboutLibc() throws IOException {
    ElfFile other = ElfFile.from(libc().toFile());
    try (ElfImage image = ElfImage.open(FileChannel.open(libc())).orElseThrow()) {
      assertEquals(
          other.getDynamicSymbolTableSection().symbols.length,
          image.sections().stream()
              .filter(s -> s.name().equals(".dynsym"))
              .mapToLong(s -> s.extent().bytes() / 24)
              .sum());
      var malloc = other.getELFSymbol("malloc");
      assertEquals(malloc.st_value, image.symbol("malloc").orElseThrow().address());
      assertEquals(malloc.st_value, image.symbolAt(malloc.st_value + 1).orElseThrow().address());
      assertEquals(40, image.buildId().length());
      assertTrue(image.glibcVersion().matches("2\\.\\d+"), image.glibcVersion());
      assertTrue(image.needed().contains("ld-linux-x86-64.so.2") || image.isAarch64());
      assertFalse(image.isStatic());
    }
  }

  /** glibc initialises main_arena.next with its own address: one such place, FACTS B5's sign. */
  @Test
  void shouldGiveTheRelocationThatShowsMainArena() throws IOException {
    try (ElfImage image = ElfImage.open(FileChannel.open(libc())).orElseThrow()) {
      List<Long> hits = new ArrayList<>();
      image.relativeRelocations(
          (where, target) -> {
            if (where - target == 0x870 || where - target == 0x868 || where - target == 0x818) {
              hits.add(target);
            }
          });
      List<Long> arenas = new ArrayList<>();
      for (long hit : hits) {
        ByteBuffer state = image.bytesAt(hit, 0x60);
        boolean zero = state.remaining() == 0x60;
        while (state.remaining() >= 8) {
          zero &= state.getLong() == 0;
        }
        if (zero) {
          arenas.add(hit);
        }
      }
      assertEquals(1, arenas.size(), hits.toString());
    }
  }

  @Test
  void shouldTellAStaticProgram() throws IOException {
    Path program = CTarget.compile("two_arenas", "-static");
    try (ElfImage image = ElfImage.open(FileChannel.open(program)).orElseThrow()) {
      assertTrue(image.isStatic());
      assertEquals(new Linkage(false, false, false, false), image.linkage());
      assertTrue(image.symbol("main").isPresent());
    }
  }

  /** brpc defines a weak MallocExtension in every program, whatever its allocator is. */
  @Test
  void shouldNameTheAllocatorsThatAreLinkedIn() throws IOException {
    Map<String, Linkage> truths =
        Map.of(
            "_ZN15MallocExtension8instanceEv", Linkage.UNKNOWN,
            "my_malloc", Linkage.UNKNOWN,
            "mallocx", new Linkage(true, false, false, false),
            "je_malloc_usable_size", new Linkage(true, false, false, false),
            "_rjem_malloc", new Linkage(true, false, false, false),
            "tc_malloc", new Linkage(false, true, false, false),
            "TCMallocInternalMalloc", new Linkage(false, true, false, false));
    for (Map.Entry<String, Linkage> truth : truths.entrySet()) {
      Path program = CTarget.compile("two_arenas", "-Wl,--defsym=" + truth.getKey() + "=main");
      try (ElfImage image = ElfImage.open(FileChannel.open(program)).orElseThrow()) {
        assertTrue(image.symbol(truth.getKey()).isPresent());
        assertEquals(truth.getValue(), image.linkage(), truth.getKey());
      }
    }
    for (String library : List.of("libjemalloc.so.2", "libtcmalloc_minimal.so.4")) {
      try (ElfImage image =
          ElfImage.open(FileChannel.open(Path.of("/usr/lib/x86_64-linux-gnu", library)))
              .orElseThrow()) {
        boolean jemalloc = library.contains("jemalloc");
        assertEquals(new Linkage(jemalloc, !jemalloc, true, false), image.linkage(), library);
      }
    }
    try (ElfImage image =
        ElfImage.open(FileChannel.open(CTarget.compile("own_malloc"))).orElseThrow()) {
      assertEquals(new Linkage(true, false, true, false), image.linkage());
    }
  }

  @Test
  void shouldSurviveDamage(@TempDir Path folder) throws IOException {
    byte[] good = Files.readAllBytes(CTarget.compile("two_arenas"));
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      byte[] bad = good.clone();
      ByteBuffer words = ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN);
      for (int n = 0; n < 8; n++) {
        int at = random.nextInt(n < 4 ? 1024 : bad.length - 8);
        words.putLong(at < 8 ? 16 : at, random.nextBoolean() ? random.nextLong() : -1L);
      }
      readAll(bad, folder);
    }
  }

  @FuzzTest
  void shouldReadAnyBytes(byte[] bytes) throws IOException {
    Path folder = Files.createTempDirectory("elf");
    try {
      readAll(bytes, folder);
    } finally {
      Files.delete(folder);
    }
  }

  private static void readAll(byte[] bytes, Path folder) throws IOException {
    Path file = folder.resolve("image");
    Files.write(file, bytes);
    var opened = ElfImage.open(FileChannel.open(file));
    if (opened.isPresent()) {
      try (ElfImage image = opened.get()) {
        image.buildId();
        image.needed();
        image.glibcVersion();
        image.linkage();
        image.symbolAt(4096);
        SymbolIndex.of(image, 1000).at(4096);
        image.relativeRelocations((where, target) -> {});
        for (ElfImage.Segment segment : image.segments()) {
          assertTrue(image.bytesAt(segment.address(), 64).remaining() <= 64);
        }
      }
    }
    Files.delete(file);
  }
}
