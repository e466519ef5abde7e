package io.leakwatch.proc.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;

/**
 * A file of /proc or a cgroup that stays open and is read again from its start at each reading.
 * Such files say they are 0 bytes long and are made while they are read.
 */
public final class ProcFile implements AutoCloseable {
  private final FileChannel channel;

  private ProcFile(FileChannel channel) {
    this.channel = channel;
  }

  public static ProcFile open(Path path) throws IOException {
    return new ProcFile(FileChannel.open(path, StandardOpenOption.READ));
  }

  /** Reads once; -1 at the end. */
  public int read(ByteBuffer into, long position) throws IOException {
    return channel.read(into, position);
  }

  /** Reads a small file whole, or as much of it as the buffer holds; returns the bytes read. */
  public int readWhole(ByteBuffer scratch, byte[] into) throws IOException {
    int total = 0;
    while (total < into.length) {
      scratch.clear().limit(Math.min(scratch.capacity(), into.length - total));
      int count = channel.read(scratch, total);
      if (count <= 0) {
        break;
      }
      scratch.flip().get(into, total, count);
      total += count;
    }
    return total;
  }

  /**
   * Reads a file that the kernel makes as one record, as it does stat, status, statm, limits and
   * those of a cgroup (fs/seq_file.c, {@code single_open}): one read gives all of it, and no second
   * one is needed to know that. Returns the bytes read.
   */
  public int readRecord(ByteBuffer scratch, byte[] into) throws IOException {
    int room = Math.min(scratch.capacity(), into.length);
    int count = channel.read(scratch.clear().limit(room), 0);
    if (count == room) {
      return readWhole(scratch, into);
    }
    count = Math.max(0, count);
    scratch.flip().get(into, 0, count);
    return count;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Closing a file that was only read loses nothing, and the descriptor is gone all the same.
      assert e != null;
    }
  }

  /** Reads a small file once, cut at {@code bytesMax}. */
  public static byte[] bytes(Path path, int bytesMax) throws IOException {
    try (ProcFile file = open(path)) {
      byte[] bytes = new byte[bytesMax];
      return Arrays.copyOf(bytes, file.readWhole(ByteBuffer.allocateDirect(bytesMax), bytes));
    }
  }

  /** Reads a text that is one record ({@link #readRecord}), cut at {@code bytesMax}. */
  public static String record(Path path, int bytesMax) throws IOException {
    try (ProcFile file = open(path)) {
      byte[] bytes = new byte[bytesMax];
      int length = file.read(ByteBuffer.wrap(bytes), 0);
      return new String(bytes, 0, Math.max(0, length), StandardCharsets.UTF_8);
    }
  }

  /** Reads a small text once, cut at {@code bytesMax}. */
  public static String text(Path path, int bytesMax) throws IOException {
    return new String(bytes(path, bytesMax), StandardCharsets.UTF_8);
  }

  /**
   * Whether there is such a file, by stat(2): access(2), which {@link Files#exists} asks, forgets
   * the capabilities of whoever asks, so that other users' processes seem to have no files where
   * /proc is mounted with hidepid=invisible.
   */
  public static boolean isThere(Path path) {
    try {
      Files.readAttributes(path, BasicFileAttributes.class);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** A file with one number; -1 when it is absent or says something else, e.g. {@code max}. */
  public static long number(Path file) {
    try {
      String text = text(file, 64).strip();
      return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
    } catch (IOException e) {
      return -1; // There is no such file: documented as -1.
    }
  }
}
