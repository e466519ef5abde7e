package io.leakwatch.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The emulated machine: one root file system for all kernels, to which each kernel's module is
 * added. It has two processors and 2 GB, nothing but two serial ports, and is ended when it does
 * not come to its own end in time.
 */
final class Guest {
  private static final Path DIRECTORY = Path.of("target", "kernels");
  private static final Path SOURCES = Path.of("src", "test", "kernels");
  private static final Duration PACKING = Duration.ofMinutes(5);
  private static final List<String> PROGRAMS =
      List.of("heaptruth", "leak_threads", "mixed_regions", "paged_out", "reserver", "stall_meter");

  private final Path root;

  private Guest(Path root) {
    this.root = root;
  }

  /** Packs the root file system with the jar to be judged. */
  static Guest pack(Path jar) throws IOException {
    Files.createDirectories(DIRECTORY);
    Path commands = DIRECTORY.resolve("guest.jar").toAbsolutePath();
    Path java = Path.of(System.getenv("JAVA_HOME"));
    run(
        List.of(
            java.resolve("bin/jar").toString(),
            "--create",
            "--file",
            commands.toString(),
            "-C",
            Path.of("target", "test-classes").toString(),
            GuestCommands.class.getName().replace('.', '/') + ".class"));
    Path root = DIRECTORY.resolve("root.cpio").toAbsolutePath();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            SOURCES.resolve("image").toString(),
            java.toString(),
            jar.toString(),
            commands.toString(),
            root.toString()));
    PROGRAMS.forEach(name -> command.add(CTarget.compile(name).toString()));
    run(command);
    return new Guest(root);
  }

  /** What a kernel's guest wrote when it was last booted; empty where it was not. */
  static Optional<Transcript> transcript(String suite) throws IOException {
    Path said = said(suite);
    if (!Files.exists(said)) {
      return Optional.empty();
    }
    return Optional.of(Transcript.of(Files.readAllLines(said, StandardCharsets.ISO_8859_1)));
  }

  /** The day on which it was written. */
  static String date(String suite) throws IOException {
    return Files.getLastModifiedTime(said(suite)).toString().substring(0, 10);
  }

  private static Path said(String suite) {
    return DIRECTORY.resolve(suite + ".said");
  }

  /** Boots a kernel and lets the guest write until it powers off, or the time is over. */
  void boot(Kernel kernel, Duration timeout) throws IOException, InterruptedException {
    Path writing = DIRECTORY.resolve(kernel.suite() + ".writing");
    Files.deleteIfExists(said(kernel.suite()));
    Files.deleteIfExists(writing);
    Path archive = archive(kernel);
    Process machine =
        new ProcessBuilder(
                "qemu-system-x86_64",
                "-accel",
                "tcg,thread=multi",
                "-machine",
                "q35",
                "-cpu",
                "Nehalem",
                "-smp",
                "2",
                "-m",
                "2000",
                "-nodefaults",
                "-no-reboot",
                "-display",
                "none",
                "-serial",
                "file:" + DIRECTORY.resolve(kernel.suite() + ".console"),
                "-serial",
                "file:" + writing,
                "-kernel",
                kernel.image().toString(),
                "-initrd",
                archive.toString(),
                "-append",
                "console=ttyS0 quiet panic=-1 mitigations=off")
            .redirectErrorStream(true)
            .redirectOutput(DIRECTORY.resolve(kernel.suite() + ".qemu").toFile())
            .start();
    try {
      machine.waitFor(timeout.toSeconds(), TimeUnit.SECONDS);
    } finally {
      machine.destroyForcibly().waitFor();
      Files.delete(archive);
    }
    Files.move(writing, said(kernel.suite()));
  }

  /** A kernel takes archives one behind the other. */
  private Path archive(Kernel kernel) throws IOException {
    Path tree = Files.createTempDirectory(DIRECTORY, "module");
    Path module = tree.resolve("check/modules/brd.ko");
    Files.createDirectories(module.getParent());
    Files.copy(kernel.ramDisk(), module);
    Path added = tree.resolve("added.cpio");
    run(
        List.of(
            "sh",
            "-c",
            "cd \"$1\" && find check -type f | busybox cpio -o -H newc -R 0:0 >added.cpio",
            "sh",
            tree.toString()));
    Path archive = DIRECTORY.resolve(kernel.suite() + ".cpio");
    try (OutputStream whole = Files.newOutputStream(archive)) {
      Files.copy(root, whole);
      Files.copy(added, whole);
    }
    run(List.of("rm", "-r", tree.toString()));
    return archive;
  }

  private static void run(List<String> command) {
    Tool.Result result = Tool.run("", command, PACKING);
    assertEquals(0, result.status(), () -> command + "\n" + result.output());
  }
}
