package io.leakwatch.target;

import io.leakwatch.proc.LiveFiles;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.CommandOptions.NamedFile;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.time.Workers;
import java.io.IOException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the state of the configuration files of processes, by what the file system says of them:
 * they are never opened. A file may lie on a server that does not answer, and then a read takes as
 * long as it likes, so one thread of its own reads and the sampler takes what has come. Until such
 * a read ends no other file is read, and nothing is said of configurations.
 */
public final class ConfigurationFiles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfigurationFiles.class);

  private final ProcFs procFs;
  private final Workers.Queue queue;

  public ConfigurationFiles(ProcFs procFs, Workers workers) {
    this.procFs = procFs;
    this.queue = workers.queue("configuration", 1, Integer.MAX_VALUE);
  }

  /**
   * A configuration file as it was when it was read.
   *
   * @param modifiedSeconds by the file system's clock, seconds since 1970
   */
  record Seen(NamedFile file, double modifiedSeconds, long bytes) {}

  /** The files of one process; at most one read of them is running. */
  final class OfProcess {
    private final ProcessId id;
    private final List<NamedFile> candidates;
    private @Nullable NamedFile found;
    private @Nullable Seen fresh;
    private boolean asked;
    private boolean left;

    private OfProcess(ProcessId id, List<NamedFile> candidates) {
      this.id = id;
      this.candidates = candidates;
    }

    /** Requests a read; false, and nothing happens, until the one before was taken. */
    synchronized boolean ask() {
      boolean begins = !asked && fresh == null && !left && !candidates.isEmpty();
      if (begins) {
        asked = true;
        queue.offer(this::work);
      }
      return begins;
    }

    /** What a read has seen since the last call, empty when none did. */
    synchronized Optional<Seen> take() {
      Optional<Seen> taken = Optional.ofNullable(fresh);
      fresh = null;
      return taken;
    }

    /** The process is watched no longer. */
    synchronized void leave() {
      left = true;
    }

    private synchronized boolean isLeft() {
      return left;
    }

    private void work() {
      Seen seen = null;
      try {
        seen = isLeft() ? null : read();
      } catch (RuntimeException e) { // What is below a process' root must not end the thread.
        log.error("reading the modification time of a configuration file failed", e);
      }
      synchronized (this) {
        fresh = seen;
        found = seen == null ? found : seen.file();
        asked = false;
      }
    }

    /** The first candidate that is a regular file; from then on that one alone. */
    private @Nullable Seen read() {
      NamedFile known;
      synchronized (this) {
        known = found;
      }
      LiveFiles files = procFs.files(id.pid());
      for (NamedFile file : known == null ? candidates : List.of(known)) {
        Seen seen = read(files, file);
        if (seen != null) {
          return isStill() ? seen : null;
        }
      }
      return null;
    }

    private static @Nullable Seen read(LiveFiles files, NamedFile file) {
      try {
        BasicFileAttributes attributes = files.attributes(file.path());
        double modified = attributes.lastModifiedTime().toMillis() / 1e3;
        return new Seen(file, modified, attributes.size());
      } catch (IOException e) {
        return null; // No such file, or none that may be read: nothing is said of it.
      }
    }

    /** Whether the pid means the same process after the read, so that its files were read. */
    private boolean isStill() {
      return procFs.id(id.pid()) instanceof Outcome.Sampled<ProcessId> now
          && now.value().isSameAs(id);
    }
  }

  /**
   * Begins to follow the files of a process.
   *
   * @param candidates paths that the process' command line names
   */
  OfProcess open(ProcessId id, List<NamedFile> candidates) {
    return new OfProcess(id, candidates);
  }

  @Override
  public void close() {
    queue.close();
  }
}
