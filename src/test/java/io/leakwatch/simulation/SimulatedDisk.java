package io.leakwatch.simulation;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The disk of the history: a small file system in memory that can be full, where this process may
 * mount one; else a directory that never is.
 */
final class SimulatedDisk implements AutoCloseable {
  private final Path root;
  private final boolean mounted;
  private final VirtualTime time;
  private boolean full;
  private long freedNanos;

  SimulatedDisk(Path directory, VirtualTime time) {
    this.time = time;
    root = directory;
    mounted = run("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", root.toString());
  }

  /** Whether it can be full. */
  boolean canBeFull() {
    return mounted;
  }

  Path history() {
    return root.resolve("history.db");
  }

  /** Takes all room that is left. */
  void fill() {
    full = true;
    try (OutputStream out = Files.newOutputStream(root.resolve("filler"))) {
      byte[] block = new byte[64 << 10];
      while (mounted) {
        out.write(block);
      }
    } catch (IOException e) {
      // It is full.
    }
  }

  /** Gives the room back. */
  void free() {
    full = false;
    freedNanos = time.nanos();
    try {
      Files.deleteIfExists(root.resolve("filler"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it has had room for so long. */
  boolean hasRoomFor(double seconds) {
    return !full && time.nanos() - freedNanos >= seconds * 1e9;
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    if (mounted) {
      run("umount", root.toString());
    }
  }
}
