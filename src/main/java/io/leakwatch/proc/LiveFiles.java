package io.leakwatch.proc;

import io.leakwatch.os.RootedFile;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The files of a live process, which may live in a container, that is in other mount and user
 * namespaces, or below another root directory. The only way to them: what is opened here is a
 * regular file below the root of the process, and opening it waits for nobody ({@link RootedFile}).
 *
 * <p>{@code /proc/PID/map_files/START-END} leads to the very file behind a mapping, also when it
 * was replaced or removed since, but only those with CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE may
 * follow it. The name in /proc/PID/maps is counted from the root of the mount namespace of the
 * process. Its own root directory is that root in a container, and a directory below in a chroot,
 * which {@code /proc/PID/root} names. So the name, less the name of that directory, is searched for
 * below it; a file outside of it can be reached only when the process shares our mount namespace.
 */
public final class LiveFiles implements TargetFiles {
  private final Path directory;
  private final Path root;

  /**
   * Files of one process.
   *
   * @param directory {@code /proc/PID} or that of a thread
   */
  public LiveFiles(Path directory) {
    this.directory = directory;
    this.root = directory.resolve("root");
  }

  @Override
  public FileChannel exe() throws IOException {
    return RootedFile.regular(directory.resolve("exe"), "the executable");
  }

  @Override
  public BasicFileAttributes exeAttributes() throws IOException {
    return Files.readAttributes(directory.resolve("exe"), BasicFileAttributes.class);
  }

  @Override
  public String exeName() {
    try {
      return Files.readSymbolicLink(directory.resolve("exe")).toString();
    } catch (IOException e) {
      return ""; // Another user's process, or one that has just ended.
    }
  }

  @Override
  public FileChannel find(String path) throws IOException {
    return RootedFile.open(root, path);
  }

  /**
   * What the file system says of a regular file, by its absolute path in the process' eyes; the
   * file is not opened.
   *
   * @throws IOException when there is no such regular file, or the way to it is not permitted
   */
  public BasicFileAttributes attributes(String path) throws IOException {
    return RootedFile.attributes(root, path);
  }

  @Override
  public FileChannel ofMapping(MappingTable table, int mapping) throws IOException {
    String name = table.name(mapping);
    if (!name.startsWith("/")) {
      throw new NoSuchFileException(name, null, "not the name of a file");
    }
    String range =
        Long.toHexString(table.start(mapping)) + "-" + Long.toHexString(table.end(mapping));
    try {
      return RootedFile.regular(directory.resolve("map_files").resolve(range), name);
    } catch (IOException e) {
      return byName(name); // Most often: not permitted.
    }
  }

  private FileChannel byName(String name) throws IOException {
    String rootName = Files.readSymbolicLink(root).toString();
    if (rootName.equals("/")) {
      return find(name);
    }
    if (name.startsWith(rootName + "/")) {
      return find(name.substring(rootName.length()));
    }
    Path ours = directory.resolveSibling("self").resolve("ns/mnt");
    if (Files.readSymbolicLink(directory.resolve("ns/mnt")).equals(Files.readSymbolicLink(ours))) {
      return RootedFile.open(Path.of("/"), name);
    }
    throw new NoSuchFileException(name, null, "outside of the root directory of its process");
  }
}
