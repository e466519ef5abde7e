package io.leakwatch.export.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.export.profile.HeapProfile.Sample;
import io.leakwatch.harness.Tool;
import io.leakwatch.heap.MemoryProfile.Frame;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PprofFileTest {
  private static final HeapProfile PROFILE =
      new HeapProfile(
          "etcd",
          Instant.parse("2026-12-01T02:03:04.5Z"),
          List.of(
              new Sample(
                  "go",
                  List.of(
                      new Frame("main.keep", "/src/main.go", 17),
                      new Frame("main.main", "/src/main.go", 40)),
                  1000,
                  48_000),
              new Sample("jvm", List.of(Frame.of("com.app.Session")), 3, 240),
              new Sample("go", List.of(new Frame("main.main", "/src/main.go", 41)), 1, 100)));

  private static HeapProfile read(byte[] file) throws IOException {
    return PprofFile.read(new ByteArrayInputStream(file));
  }

  @Test
  void shouldReadWhatItWrote() throws IOException {
    assertEquals(PROFILE, read(PprofFile.of(PROFILE)));
  }

  @Test
  void shouldTellWhatChanged() {
    HeapProfile later =
        new HeapProfile(
            "etcd",
            PROFILE.time().plusSeconds(60),
            List.of(
                new Sample(
                    "go",
                    List.of(
                        new Frame("main.keep", "/src/main.go", 18),
                        new Frame("main.main", "/src/main.go", 40)),
                    1500,
                    72_000),
                PROFILE.samples().get(2),
                new Sample("python", List.of(Frame.of("dict")), 1, 64)));
    HeapProfile changed = later.since(PROFILE);
    assertEquals(
        List.of("main.keep +500 +24000", "com.app.Session -3 -240", "dict +1 +64"),
        changed.samples().stream()
            .map(s -> String.format("%s %+d %+d", s.frames().get(0).name(), s.objects(), s.bytes()))
            .toList());
    assertEquals(24_000 - 240 + 64, changed.bytes());
  }

  /** The reader that everybody uses. */
  @Test
  void shouldBeReadByPprof(@TempDir Path directory) throws IOException {
    assumeTrue(Files.exists(Path.of("/usr/bin/go")), "no golang-go");
    Path file = Files.write(directory.resolve("heap.pb.gz"), PprofFile.of(PROFILE));
    Tool.Result raw = Tool.run("", List.of("go", "tool", "pprof", "-traces", file.toString()));
    assertEquals(0, raw.status(), raw.output());
    String text = raw.output();
    assertTrue(text.contains("Type: inuse_space"), text);
    assertTrue(text.matches("(?s).*owner:\\s+jvm.*240B\\s+com\\.app\\.Session.*"), text);
    assertTrue(text.matches("(?s).*46\\.88kB\\s+main\\.keep\\s+main\\.main.*"), text);
    Tool.Result lines =
        Tool.run("", List.of("go", "tool", "pprof", "-lines", "-top", file.toString()));
    assertTrue(lines.output().contains("main.keep /src/main.go:17"), lines.output());
  }

  @Test
  void shouldSayWhatIsNoProfile() throws IOException {
    assertThrows(IOException.class, () -> read("nothing of the kind".getBytes("US-ASCII")));
    byte[] whole = PprofFile.of(PROFILE);
    for (int cut = 0; cut < whole.length; cut++) {
      byte[] part = java.util.Arrays.copyOf(whole, cut);
      assertThrows(IOException.class, () -> read(part));
    }
  }

  @FuzzTest
  void shouldTakeAnything(byte[] message) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(file)) {
      packed.write(message);
    }
    try {
      read(file.toByteArray()).samples().forEach(s -> assertTrue(s.frames().size() <= 1024));
    } catch (IOException e) {
      assertTrue(e.getMessage() != null);
    }
  }
}
