package io.leakwatch.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file of a container, opened from outside as the container itself would find it.
 *
 * <p>A path below {@code /proc/PID/root} must not be handed to open(2) as it is: an absolute
 * symbolic link in it would lead into the reader's own tree, and a pipe or device in the file's
 * place would block the reader or do something. openat2(2) with RESOLVE_IN_ROOT (Linux 5.6) keeps
 * every link inside; O_PATH opens without touching, so that only what is a regular file is then
 * read. Where the kernel lacks it, what is no regular file is refused and links are trusted.
 */
public final class RootedFile {
  private static final long OPENAT2 = 437; // On every architecture.
  private static final int HOW_BYTES = 24;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_IN_ROOT = 0x10;

  private RootedFile() {}

  /**
   * Opens for reading.
   *
   * @param root a directory, e.g. {@code /proc/PID/root}
   * @param path as those name it whose root this is
   * @throws IOException when there is no such regular file, or it may not be read
   */
  public static FileChannel open(Path root, String path) throws IOException {
    if (path.indexOf('\0') >= 0) {
      throw new NoSuchFileException(path);
    }
    String relative = path.replaceFirst("^/+", "");
    if (!NativeEdge.isAvailable()) {
      return trusting(root, relative);
    }
    int directory = LibC.open(root.toString(), LibC.O_PATH | LibC.O_CLOEXEC);
    if (directory < 0) {
      throw refused(root.toString());
    }
    try {
      int file = openInRoot(directory, relative);
      if (file >= 0) {
        try {
          return regular(Path.of("/proc/self/fd/" + file), path);
        } finally {
          LibC.close(file);
        }
      }
      int errno = NativeEdge.errno();
      if (errno == Errno.ENOSYS || errno == Errno.EPERM) { // Old kernel, or a seccomp filter.
        return trusting(root, relative);
      }
      throw refused(path);
    } finally {
      LibC.close(directory);
    }
  }

  /**
   * Opens what a link of /proc leads to, if that is a regular file.
   *
   * @param link e.g. {@code /proc/PID/exe} or one of {@code /proc/PID/map_files}
   */
  public static FileChannel regular(Path link, String name) throws IOException {
    if (!Files.isRegularFile(link)) {
      throw new NoSuchFileException(name, null, "no regular file");
    }
    return FileChannel.open(link, StandardOpenOption.READ);
  }

  private static int openInRoot(int directory, String relative) {
    byte[] text = relative.getBytes(StandardCharsets.UTF_8);
    ByteBuffer memory =
        ByteBuffer.allocateDirect(HOW_BYTES + text.length + 1).order(ByteOrder.nativeOrder());
    memory.putLong(LibC.O_PATH | LibC.O_CLOEXEC).putLong(0);
    memory.putLong(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS).put(text).put((byte) 0);
    long address = RemoteMemory.addressOf(memory);
    return (int) LibC.syscall(OPENAT2, directory, address + HOW_BYTES, address, HOW_BYTES);
  }

  private static FileChannel trusting(Path root, String relative) throws IOException {
    Path file = root.resolve(relative);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(file.toString(), null, "no regular file");
    }
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  private static IOException refused(String path) {
    int errno = NativeEdge.errno();
    return errno == Errno.EACCES || errno == Errno.EPERM
        ? new AccessDeniedException(path)
        : new NoSuchFileException(path, null, "errno " + errno);
  }
}
