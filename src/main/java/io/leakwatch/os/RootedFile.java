package io.leakwatch.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A file of a container, opened from outside as the container itself would find it.
 *
 * <p>A path below {@code /proc/PID/root} must not be handed to open(2) as it is: an absolute
 * symbolic link in it would lead into the reader's own tree, and a pipe or device in the file's
 * place would block the reader or do something. openat2(2) with RESOLVE_IN_ROOT (Linux 5.6) keeps
 * every link inside; where the kernel lacks it, or a seccomp filter forbids it, the path is walked
 * here, directory by directory. O_PATH opens without touching, so that what it is can be asked
 * before it is read, and cannot change in between.
 *
 * <p>Without native calls nothing below a root is opened.
 */
public final class RootedFile {
  private static final long OPENAT2 = 437; // On every architecture.
  private static final int HOW_BYTES = 24;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_IN_ROOT = 0x10;

  /** As many as the kernel follows (fs/namei.c, MAXSYMLINKS). */
  private static final int LINKS_MAX = 40;

  private static final int STEPS_MAX = 256;
  private static final int LINK_BYTES_MAX = 4096;

  private RootedFile() {}

  /**
   * Opens for reading.
   *
   * @param root a directory, e.g. {@code /proc/PID/root}
   * @param path as those name it whose root this is
   * @throws IOException when there is no such regular file, or it may not be read
   */
  public static FileChannel open(Path root, String path) throws IOException {
    return open(root, path, true);
  }

  /**
   * The same.
   *
   * @param inKernel whether openat2 is tried
   */
  static FileChannel open(Path root, String path, boolean inKernel) throws IOException {
    int file = name(root, path, inKernel);
    return regularAndClosed(file, path);
  }

  /**
   * What the file system says of a file, which is not opened for that: neither its owner's
   * permission to read it nor anything behind it is asked for.
   *
   * @param root a directory, e.g. {@code /proc/PID/root}
   * @param path as those name it whose root this is
   * @throws IOException when there is no such regular file, or its directory may not be searched
   */
  public static BasicFileAttributes attributes(Path root, String path) throws IOException {
    return attributes(root, path, true);
  }

  /**
   * The same.
   *
   * @param inKernel whether openat2 is tried
   */
  static BasicFileAttributes attributes(Path root, String path, boolean inKernel)
      throws IOException {
    int file = name(root, path, inKernel);
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(Path.of("/proc/self/fd/" + file), BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new NoSuchFileException(path, null, "not a regular file");
      }
      return attributes;
    } finally {
      LibC.close(file);
    }
  }

  /** A descriptor that only names the file, to be closed by the caller. */
  private static int name(Path root, String path, boolean inKernel) throws IOException {
    String problem = NativeEdge.problem();
    if (problem != null) {
      throw new IOException(path + " is not opened: " + problem);
    }
    if (path.indexOf('\0') >= 0) {
      throw new NoSuchFileException(path);
    }
    int directory = LibC.open(root.toString(), LibC.O_PATH | LibC.O_CLOEXEC);
    if (directory < 0) {
      throw refused(root.toString(), NativeEdge.errno());
    }
    try {
      int file = inKernel ? openInRoot(directory, path) : -Errno.ENOSYS;
      if (file == -Errno.ENOSYS || file == -Errno.EPERM) {
        file = walk(directory, path);
      }
      if (file < 0) {
        throw refused(path, -file);
      }
      return file;
    } finally {
      LibC.close(directory);
    }
  }

  /**
   * Opens what a link of /proc leads to, if that is a regular file.
   *
   * @param link e.g. {@code /proc/PID/exe} or one of {@code /proc/PID/map_files}
   * @param name for messages
   */
  public static FileChannel regular(Path link, String name) throws IOException {
    if (!NativeEdge.isAvailable()) { // What is executed is a regular file, for the kernel asks too.
      return reopen(link, name);
    }
    int file = LibC.open(link.toString(), LibC.O_PATH | LibC.O_CLOEXEC);
    if (file < 0) {
      throw refused(name, NativeEdge.errno());
    }
    return regularAndClosed(file, name);
  }

  private static FileChannel regularAndClosed(int file, String name) throws IOException {
    try {
      return reopen(Path.of("/proc/self/fd/" + file), name);
    } finally {
      LibC.close(file);
    }
  }

  private static FileChannel reopen(Path link, String name) throws IOException {
    if (!Files.isRegularFile(link)) {
      throw new NoSuchFileException(name, null, "not a regular file");
    }
    return FileChannel.open(link, StandardOpenOption.READ);
  }

  /** A descriptor that only names the file, or a negated errno. */
  private static int openInRoot(int directory, String path) {
    byte[] text = path.replaceFirst("^/+", "").getBytes(StandardCharsets.UTF_8);
    ByteBuffer memory =
        ByteBuffer.allocateDirect(HOW_BYTES + text.length + 1).order(ByteOrder.nativeOrder());
    memory.putLong(LibC.O_PATH | LibC.O_CLOEXEC).putLong(0);
    memory.putLong(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS).put(text).put((byte) 0);
    long address = RemoteMemory.addressOf(memory);
    int file = (int) LibC.syscall(OPENAT2, directory, address + HOW_BYTES, address, HOW_BYTES);
    return file < 0 ? -NativeEdge.errno() : file;
  }

  /**
   * The same without the kernel's help: each part is opened below the one before without following
   * it; a link's parts are put in front of what is left, an absolute one begins at the root again,
   * and {@code ..} goes back to where the walk came from, never above the root.
   */
  private static int walk(int root, String path) {
    Deque<String> left = new ArrayDeque<>(List.of(path.split("/", -1)));
    Deque<Integer> trail = new ArrayDeque<>();
    int links = 0;
    try {
      for (int step = 0; !left.isEmpty(); step++) {
        String name = left.pop();
        if (step == STEPS_MAX || links > LINKS_MAX) {
          return -Errno.ELOOP;
        }
        if (name.equals("..")) {
          back(trail);
          continue;
        }
        if (name.isEmpty() || name.equals(".")) {
          continue;
        }
        int above = trail.isEmpty() ? root : trail.element();
        int next = LibC.openat(above, name, LibC.O_PATH | LibC.O_NOFOLLOW | LibC.O_CLOEXEC);
        if (next < 0) {
          return -NativeEdge.errno();
        }
        trail.push(next);
        String target = linkTarget(next);
        if (!target.isEmpty()) {
          links++;
          back(trail);
          while (target.startsWith("/") && !trail.isEmpty()) {
            back(trail);
          }
          String[] parts = target.split("/", -1);
          for (int i = parts.length - 1; i >= 0; i--) {
            left.push(parts[i]);
          }
        }
      }
      return trail.isEmpty() ? -Errno.EISDIR : trail.pop();
    } finally {
      while (!trail.isEmpty()) {
        back(trail);
      }
    }
  }

  private static void back(Deque<Integer> trail) {
    if (!trail.isEmpty()) {
      LibC.close(trail.pop());
    }
  }

  /** Where a link leads that was opened as such, {@code ""} of anything else (readlinkat(2)). */
  private static String linkTarget(int file) {
    byte[] target = new byte[LINK_BYTES_MAX];
    long length = LibC.readlinkat(file, "", target, target.length);
    return length <= 0 ? "" : new String(target, 0, (int) length, StandardCharsets.UTF_8);
  }

  private static IOException refused(String path, int errno) {
    return errno == Errno.EACCES || errno == Errno.EPERM
        ? new AccessDeniedException(path)
        : new NoSuchFileException(path, null, "errno " + errno);
  }
}
