package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.HeapReport;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same heaps under other releases' glibc, unpacked by {@code .ci/other-glibcs}. A target is
 * linked against that release's libraries, so that its symbol versions fit, and started by its
 * ld.so.
 */
class OtherGlibcTest {
  private static final Path RELEASES = Path.of("target", "glibc").toAbsolutePath();

  @ParameterizedTest(name = "{0} glibc {1}")
  @CsvSource({
    "xenial, 2.23, 2.23-2.26, false",
    "bionic, 2.27, 2.27-2.34, false",
    "bullseye, 2.31, 2.27-2.34, true",
    "jammy, 2.35, 2.35-2.42, true",
    "noble, 2.39, 2.35-2.42, true",
    "trixie, 2.41, 2.35-2.42, true",
    "sid, 2.43, 2.43+, true"
  })
  void shouldAgreeWithMallocInfoToTheByteOnOtherReleases(
      String release, String version, String layout, boolean topIsFree)
      throws IOException, InterruptedException {
    Path library = libc(release + "-amd64");
    assertVersion(version, library);
    Path program = link(release, library.getParent());
    for (int threads : new int[] {0, 3}) {
      try (CTarget target =
          CTarget.start(Map.of(), program, "mixed", Integer.toString(threads), "0")) {
        target.awaitLine("ready");
        LiveHeap live = new LiveHeap(target);
        MallocInfo truth = MallocInfo.ask(target);
        HeapReport report = live.walk();
        Agreement.assertExact(truth, report, topIsFree);
        assertEquals(layout, report.walk().layout());
        assertTrue(
            report.walk().notes().contains("arenas found by relocation"),
            report.walk().notes()::toString);
        live.process.close();
      }
    }
  }

  @ParameterizedTest(name = "{0} glibc {1}")
  @CsvSource({
    "xenial-amd64, 2.23, 0x868",
    "bionic-amd64, 2.27, 0x870",
    "bullseye-amd64, 2.31, 0x870",
    "bookworm-amd64, 2.36, 0x870",
    "trixie-amd64, 2.41, 0x870",
    "sid-amd64, 2.43, 0x818",
    "bullseye-arm64, 2.31, 0x870",
    "bookworm-arm64, 2.36, 0x870",
    "trixie-arm64, 2.41, 0x870",
    "sid-arm64, 2.43, 0x818"
  })
  void shouldFindExactlyOneMainArenaInTheFile(String release, String version, String nextOffset)
      throws IOException {
    Path library = libc(release);
    assertVersion(version, library);
    try (ElfImage image = ElfImage.open(FileChannel.open(library)).orElseThrow()) {
      List<MainArenaFile.Place> places = MainArenaFile.places(image);
      assertEquals(1, places.size(), places::toString);
      assertEquals(Integer.decode(nextOffset), places.get(0).nextOffset());
    }
  }

  private static void assertVersion(String version, Path library) throws IOException {
    try (ElfImage image = ElfImage.open(FileChannel.open(library)).orElseThrow()) {
      assumeTrue(
          version.equals(image.glibcVersion()),
          () -> library + " has moved on from " + version + "; the release serves another one");
    }
  }

  private static Path libc(String release) throws IOException {
    Path directory = RELEASES.resolve(release);
    assumeTrue(Files.isDirectory(directory), "run .ci/other-glibcs to have " + release);
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(f -> f.getFileName().toString().equals("libc.so.6"))
          .findFirst()
          .orElseThrow()
          .toRealPath();
    }
  }

  private static Path link(String release, Path libraries)
      throws IOException, InterruptedException {
    Path program = RELEASES.resolve("heaptruth-" + release);
    Path loader = libraries.resolve("ld-linux-x86-64.so.2");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("gcc", "-O1", "-fno-builtin-malloc", "-nostdlib", "-no-pie"));
    command.addAll(List.of("-o", program.toString(), startFile("crt1.o"), startFile("crti.o")));
    command.add("src/test/c/heaptruth.c");
    Path threads = libraries.resolve("libpthread.so.0");
    if (Files.exists(threads)) {
      command.add(threads.toString());
    }
    command.addAll(List.of(libraries.resolve("libc.so.6").toString(), loader.toString(), "-lgcc"));
    command.addAll(List.of(startFile("crtn.o"), "-Wl,-rpath," + libraries));
    command.addAll(List.of("-Wl,--dynamic-linker=" + loader, "-Wl,--allow-shlib-undefined"));
    Process linker = new ProcessBuilder(command).redirectErrorStream(true).start();
    String messages = new String(linker.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, linker.waitFor(), messages);
    return program;
  }

  private static String startFile(String name) throws IOException {
    Process gcc = new ProcessBuilder("gcc", "-print-file-name=" + name).start();
    return new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
