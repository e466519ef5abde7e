package io.leakwatch.proc;

import io.leakwatch.os.RootedFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The file behind a mapping of a process that may live in a container, that is in other mount and
 * user namespaces, or below another root directory.
 *
 * <p>{@code /proc/PID/map_files/START-END} leads to the very file, also when it was replaced or
 * removed since, but only those with CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE may follow it. The
 * name in /proc/PID/maps is counted from the root of the mount namespace of the process. Its own
 * root directory is that root in a container, and a directory below in a chroot, which {@code
 * /proc/PID/root} names. So the name, less the name of that directory, is looked for below it; a
 * file outside of it can be reached only when the process shares our mount namespace.
 */
final class MappedFile {
  private MappedFile() {}

  /**
   * Opens for reading.
   *
   * @param directory {@code /proc/PID} or that of a thread
   * @param name of the mapping
   * @throws IOException when the file is gone, is no regular file or may not be read
   */
  static FileChannel open(Path directory, long start, long end, String name) throws IOException {
    if (!name.startsWith("/")) {
      throw new NoSuchFileException(name, null, "not the name of a file");
    }
    Path exact =
        directory.resolve("map_files/" + Long.toHexString(start) + "-" + Long.toHexString(end));
    try {
      return RootedFile.regular(exact, name);
    } catch (IOException e) {
      return byName(directory, name); // Most often: not permitted.
    }
  }

  private static FileChannel byName(Path directory, String name) throws IOException {
    Path root = directory.resolve("root");
    String rootName = Files.readSymbolicLink(root).toString();
    if (rootName.equals("/")) {
      return RootedFile.open(root, name);
    }
    if (name.startsWith(rootName + "/")) {
      return RootedFile.open(root, name.substring(rootName.length()));
    }
    Path ours = directory.resolveSibling("self").resolve("ns/mnt");
    if (Files.readSymbolicLink(directory.resolve("ns/mnt")).equals(Files.readSymbolicLink(ours))) {
      return RootedFile.open(Path.of("/"), name);
    }
    throw new NoSuchFileException(name, null, "outside of the root directory of its process");
  }
}
