package io.leakwatch.saved;

import io.leakwatch.proc.IdentityTexts;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.Processes;
import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.program.GivenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A saved directory of one process, or a saved tree of such directories, as /proc has them. Any
 * file may be missing; then what it would say is unknown: pid 0, a start at {@link #UNKNOWN_START},
 * empty texts.
 */
public final class SavedTree implements Processes {
  /** In the place of a start that was not saved. */
  public static final Instant UNKNOWN_START = Instant.EPOCH;

  private static final int PID_MAX = 999_999_999;
  private static final String BOOT = "saved";
  private static final int SMALL_BYTES_MAX = 64 * 1024;
  private static final int NODE_STAT_BYTES_MAX = 1 << 20;
  private static final String[] MAPPINGS = {"smaps", "maps"};

  private final Path directory;
  private final boolean single;

  /**
   * A tree.
   *
   * @throws CommandFailure where the directory holds no process
   */
  public SavedTree(Path directory) {
    this.directory = directory;
    if (!Files.isDirectory(directory)) {
      throw CommandFailure.usage(
          directory + (Files.exists(directory) ? ": is no directory" : ": no such directory"));
    }
    this.single = SavedFile.isThere(directory.resolve("status")) || hasMappings(directory);
    if (!single && pids().length == 0) {
      throw CommandFailure.usage(
          directory + ": has neither smaps nor maps nor directories of processes");
    }
  }

  private static boolean hasMappings(Path process) {
    return Arrays.stream(MAPPINGS).anyMatch(name -> SavedFile.isThere(process.resolve(name)));
  }

  /** The processes, ascending. */
  @Override
  public int[] pids() {
    if (single) {
      return new int[] {pidOfSingle()};
    }
    IntStream.Builder pids = IntStream.builder();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.matches("[1-9][0-9]{0,8}") && SavedFile.isDirectory(entry)) {
          pids.add(Integer.parseInt(name));
        }
      }
    } catch (IOException e) {
      throw SavedFile.failure(directory.toString(), e);
    } catch (DirectoryIteratorException e) {
      throw CommandFailure.because(directory + ": cannot be listed: " + e.getMessage());
    }
    return pids.build().sorted().toArray();
  }

  /** The pids of those whose mappings were saved. */
  public int[] pidsWithMemory() {
    return Arrays.stream(pids()).filter(pid -> holdsText(process(pid))).toArray();
  }

  private static boolean holdsText(Path process) {
    return Arrays.stream(MAPPINGS).anyMatch(name -> !SavedFile.isEmpty(process.resolve(name)));
  }

  @Override
  public Outcome<ProcessId> id(int pid) {
    return identify(pid).map(ProcessInfo::id);
  }

  @Override
  public Outcome<ProcFs.Glance> glance(int pid) {
    return identify(pid).map(info -> new ProcFs.Glance(info.id(), info.program().comm()));
  }

  /** Who it is, as far as that was saved. */
  @Override
  public Outcome<ProcessInfo> identify(int pid) {
    Path process = process(pid);
    if (single ? pid != pidOfSingle() : !SavedFile.isDirectory(process)) {
      return Outcome.vanished();
    }
    String status = text(process.resolve("status"));
    ProcStat known = ProcStat.parse(text(process.resolve("stat")));
    ProcStat stat = known == null ? ofStatus(status) : known;
    ProcessId id = new ProcessId(pid, stat.startTicks(), BOOT, stat.image());
    IdentityTexts texts =
        new IdentityTexts(
            stat,
            text(process.resolve("cmdline")),
            status,
            text(process.resolve("cgroup")),
            link(process.resolve("exe")));
    return Outcome.sampled(
        texts.info(id, known == null ? UNKNOWN_START : start(known), holdsText(process)));
  }

  /** What status says of the same: the name, and no times. */
  private static ProcStat ofStatus(String status) {
    int at = status.indexOf("Name:");
    String name = at < 0 ? "" : status.substring(at + "Name:".length()).strip().split("\n", 2)[0];
    return new ProcStat(name, '?', 0, 0, 0, 0, 0);
  }

  private Instant start(ProcStat stat) {
    Path node = single ? directory.resolveSibling("stat") : directory.resolve("stat");
    byte[] text = SavedFile.bytes(node, NODE_STAT_BYTES_MAX);
    long began = new KeyedText(text, text.length).number("btime");
    return began < 0
        ? UNKNOWN_START
        : Instant.ofEpochSecond(began)
            .plusMillis(stat.startTicks() * (1000 / Status.TICKS_PER_SECOND));
  }

  /**
   * The mappings of a process: of smaps, else of maps.
   *
   * @throws CommandFailure where neither was saved, or one makes no sense
   */
  public SavedMappings mappings(int pid) {
    Path process = process(pid);
    boolean empty = false;
    for (String name : MAPPINGS) {
      Path file = process.resolve(name);
      if (SavedFile.isThere(file)) {
        try (InputStream in = SavedFile.open(file)) {
          Optional<SavedMappings> read = SavedMappings.read(file.toString(), in);
          if (read.isPresent()) {
            return read.get();
          }
          empty = true;
        } catch (IOException e) {
          throw SavedFile.failure(file.toString(), e);
        }
      }
    }
    throw CommandFailure.because(
        process
            + (empty
                ? ": its smaps and maps are empty. A kernel thread or zombie has no memory; tar"
                    + " saves files of /proc as empty ones, cp does not"
                : ": has neither smaps nor maps"));
  }

  /**
   * The mappings of a file that a user names.
   *
   * @throws CommandFailure where it cannot be read or makes no sense
   */
  public static SavedMappings mappings(Path file) {
    String name = GivenFile.name(file);
    try (InputStream in = GivenFile.open(file)) {
      return SavedMappings.read(name, in)
          .orElseThrow(
              () ->
                  CommandFailure.because(
                      name + ": is empty; tar saves files of /proc as empty ones, cp does not"));
    } catch (IOException e) {
      throw SavedFile.failure(name, e);
    }
  }

  /** The counters of status and how many threads there were, as far as they were saved. */
  public Status status(int pid) {
    byte[] text = SavedFile.bytes(process(pid).resolve("status"), SMALL_BYTES_MAX);
    return Status.parse(text, text.length, Status.ABSENT);
  }

  /**
   * The executable, where it was copied too.
   *
   * @throws IOException when it cannot be read
   */
  public Optional<FileChannel> executable(int pid) throws IOException {
    Path exe = process(pid).resolve("exe");
    return SavedFile.isThere(exe) ? Optional.of(SavedFile.channel(exe)) : Optional.empty();
  }

  private Path process(int pid) {
    return single ? directory : directory.resolve(Integer.toString(pid));
  }

  /** As the files say, else as the directory is called; 0 where nothing says it. */
  private int pidOfSingle() {
    byte[] status = SavedFile.bytes(directory.resolve("status"), SMALL_BYTES_MAX);
    long pid = new KeyedText(status, status.length).number("Pid");
    if (pid < 0) {
      byte[] stat = SavedFile.bytes(directory.resolve("stat"), ProcStat.BYTES_MAX);
      pid = KeyedText.number(stat, stat.length);
    }
    Path name = directory.toAbsolutePath().normalize().getFileName();
    if (pid < 0 && name != null && name.toString().matches("[1-9][0-9]{0,8}")) {
      pid = Integer.parseInt(name.toString());
    }
    return pid < 0 || pid > PID_MAX ? 0 : (int) pid;
  }

  private static String text(Path file) {
    return new String(SavedFile.bytes(file, SMALL_BYTES_MAX), StandardCharsets.UTF_8);
  }

  private static String link(Path link) {
    try {
      return Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).toString() : "";
    } catch (IOException e) {
      return ""; // As good as not saved.
    }
  }
}
