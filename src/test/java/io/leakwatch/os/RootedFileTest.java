package io.leakwatch.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.Reader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files below a foreign root, whose owner puts there what he likes; by openat2 and without it. */
class RootedFileTest {
  @TempDir Path root;

  @BeforeEach
  void makeTree() throws IOException {
    Files.createDirectories(root.resolve("usr/lib"));
    Files.writeString(root.resolve("usr/lib/own"), "own");
    link("lib", "/usr/lib");
    link("up", "../../../usr");
    link("loop", "/loop");
    link("passwd", "/etc/passwd");
    link("usr/lib/self", "/proc/self/exe");
    link("usr/lib/chain", "/lib/./../lib/own");
    Tool.Result made =
        Tool.run(
            "", List.of("mkfifo", root.resolve("libc.so.6").toString(), root + "/usr/lib/pipe"));
    assertEquals(0, made.status(), made.output());
    link("usr/lib/to-pipe", "/libc.so.6");
    link("usr/lib/zero", "/dev/zero");
  }

  private void link(String name, String target) throws IOException {
    Files.createSymbolicLink(root.resolve(name), Path.of(target));
  }

  private String read(String path, boolean inKernel) throws IOException {
    try (FileChannel file = RootedFile.open(root, path, inKernel);
        Reader reader = Channels.newReader(file, StandardCharsets.UTF_8)) {
      char[] text = new char[16];
      return new String(text, 0, Math.max(0, reader.read(text)));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldFollowLinksAsThoseDoWhoseRootItIs(boolean inKernel) throws IOException {
    for (String path :
        List.of(
            "/usr/lib/own",
            "usr/lib/own",
            "//lib//own",
            "/up/lib/own",
            "/usr/../../usr/lib/own",
            "/usr/lib/chain")) {
      assertEquals("own", read(path, inKernel), path);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldLeadNowhereElseAndWaitForNobody(boolean inKernel) {
    for (String path :
        List.of(
            "/passwd",
            "/loop",
            "/usr/lib",
            "/",
            "",
            "/..",
            "/nothing",
            "/usr/lib/own/more",
            "/libc.so.6",
            "/usr/lib/pipe",
            "/usr/lib/to-pipe",
            "/usr/lib/zero",
            "/usr/lib/self",
            "/a\0b",
            "/" + "x".repeat(300),
            "/usr/lib/" + "../lib/".repeat(400) + "nothing")) {
      assertThrows(IOException.class, () -> read(path, inKernel), path);
    }
  }

  /** A look is no opening: what nobody may read is seen, and what is no file is not waited for. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Timeout(value = 20, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldTellTheAttributesOfRegularFilesAlone(boolean inKernel) throws IOException {
    Path own = root.resolve("usr/lib/own");
    Files.setAttribute(own, "unix:mode", 0);
    Files.setLastModifiedTime(own, FileTime.fromMillis(1_700_000_000_123L));
    for (String path : List.of("/usr/lib/own", "/up/lib/own", "/usr/lib/chain")) {
      BasicFileAttributes seen = RootedFile.attributes(root, path, inKernel);
      assertEquals(1_700_000_000_123L, seen.lastModifiedTime().toMillis());
      assertEquals(3, seen.size());
    }
    long before = descriptors();
    for (int i = 0; i < 50; i++) {
      RootedFile.attributes(root, "/usr/lib/own", inKernel);
      for (String path :
          List.of("/usr/lib", "/passwd", "/libc.so.6", "/usr/lib/zero", "/loop", "/nothing", "")) {
        assertThrows(IOException.class, () -> RootedFile.attributes(root, path, inKernel), path);
      }
    }
    assertTrue(descriptors() < before + 50, "descriptors stay open");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldLeaveNoDescriptorOpen(boolean inKernel) throws IOException {
    read("/usr/lib/chain", inKernel);
    long before = descriptors();
    for (int i = 0; i < 50; i++) {
      read("/usr/lib/chain", inKernel);
      assertThrows(IOException.class, () -> read("/loop", inKernel));
      assertThrows(IOException.class, () -> read("/usr/lib/to-pipe", inKernel));
    }
    assertTrue(descriptors() < before + 50, "descriptors stay open");
  }

  private static long descriptors() throws IOException {
    try (var entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries.count();
    }
  }
}
