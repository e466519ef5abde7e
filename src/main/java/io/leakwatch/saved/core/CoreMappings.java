package io.leakwatch.saved.core;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.os.PageSize;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import io.leakwatch.saved.core.CoreNotes.MappedFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The mappings of a process as its core file tells them. The kernel writes a program header for
 * every mapping, gcore only for those whose bytes it writes; NT_FILE names those of files, so what
 * has no header is one of a file, with the permissions that the file's own headers give it.
 *
 * <p>Nobody says of a mapping whether it is shared: of a file that can be written it is where the
 * core has none of its bytes, for those are in the file. gcore says readable of what may not be
 * touched at all: anonymous memory that cannot be written and has nothing in it is that.
 */
final class CoreMappings {
  private static final String[] SHARED = {"/dev/zero", "/SYSV", "/dev/shm/", "/memfd:", "/[aio]"};
  private static final int PT_LOAD = 1;
  private static final int PF_X = 1;

  /** A mapping. */
  record Row(long start, long end, int permissions, long offset, long inode, String name) {
    boolean isAnonymous() {
      return inode == 0;
    }

    boolean isWritableAnonymous() {
      int wanted = MappingTable.READ | MappingTable.WRITE;
      return isAnonymous() && (permissions & (wanted | MappingTable.EXECUTE)) == wanted;
    }

    boolean holds(long address) {
      return address >= start && address < end;
    }

    Row named(String name) {
      return new Row(start, end, permissions, offset, inode, name);
    }
  }

  private final CoreMemory memory;
  private final CoreFiles files;
  private final CoreNotes notes;
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, Long> inodes = new HashMap<>();
  private final Map<String, List<ElfImage.Segment>> headers = new HashMap<>();
  private long[] resident = new long[0];

  CoreMappings(CoreFile core, CoreMemory memory, CoreFiles files) {
    this.memory = memory;
    this.files = files;
    this.notes = core.notes();
    List<MappedFile> named = apart(notes.files());
    int next = 0;
    for (CoreSegment segment : core.segments()) {
      while (next < named.size() && named.get(next).end() <= segment.start()) {
        next++;
      }
      boolean isFile =
          segment.start() >= 0 && next < named.size() && named.get(next).start() <= segment.start();
      rows.add(isFile ? row(segment, named.get(next)) : row(segment));
    }
    addUnwritten(named);
    rows.sort((one, other) -> Long.compareUnsigned(one.start(), other.start()));
    new CoreNames(rows, notes, memory, files.exeName()).give();
  }

  /** In the order of their addresses, without those that overlap one before. */
  private static List<MappedFile> apart(List<MappedFile> files) {
    List<MappedFile> sorted = new ArrayList<>(files);
    sorted.sort(Comparator.comparingLong(MappedFile::start));
    List<MappedFile> apart = new ArrayList<>();
    long end = 0;
    for (MappedFile file : sorted) {
      if (file.start() >= end && ((file.start() | file.end()) & PageSize.BYTES - 1) == 0) {
        apart.add(file);
        end = file.end();
      }
    }
    return apart;
  }

  private long inode(String name) {
    return inodes.computeIfAbsent(name, unseen -> inodes.size() + 1L);
  }

  private Row row(CoreSegment segment, MappedFile file) {
    boolean writable = (segment.permissions() & MappingTable.WRITE) != 0;
    boolean shared = isShared(file.name()) || (writable && segment.statedBytes() == 0);
    return new Row(
        segment.start(),
        segment.end(),
        segment.permissions() | (shared ? MappingTable.SHARED : 0),
        file.offset() + segment.start() - file.start(),
        inode(file.name()),
        file.name());
  }

  private static boolean isShared(String name) {
    for (String prefix : SHARED) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  private Row row(CoreSegment segment) {
    boolean reserved =
        segment.permissions() == MappingTable.READ
            && segment.start() >= 0
            && memory.presentBytes(segment.start(), segment.end(), ReadMeter.UNPACED)
                instanceof Outcome.Sampled<Long> present
            && present.value() == 0;
    return new Row(segment.start(), segment.end(), reserved ? 0 : segment.permissions(), 0, 0, "");
  }

  /** The parts of files that have no program header. */
  private void addUnwritten(List<MappedFile> named) {
    List<Row> written = List.copyOf(rows);
    int next = 0;
    for (MappedFile file : named) {
      long at = file.start();
      while (next < written.size()
          && written.get(next).start() >= 0
          && written.get(next).end() <= at) {
        next++;
      }
      for (int i = next; at < file.end(); i++) {
        boolean more =
            i < written.size()
                && written.get(i).start() >= 0
                && written.get(i).start() < file.end();
        long until = more ? Math.max(at, written.get(i).start()) : file.end();
        if (until > at) {
          long offset = file.offset() + at - file.start();
          rows.add(
              new Row(
                  at, until, permissions(file, offset), offset, inode(file.name()), file.name()));
        }
        at = more ? written.get(i).end() : file.end();
      }
    }
  }

  /** As the file's own headers have it; without the file, code is where a thread runs. */
  private int permissions(MappedFile file, long offset) {
    boolean shared = isShared(file.name());
    List<ElfImage.Segment> own = headers.computeIfAbsent(file.name(), this::headers);
    boolean executable =
        notes.threads().stream()
            .anyMatch(t -> t.programCounter() >= file.start() && t.programCounter() < file.end());
    for (ElfImage.Segment segment : own) {
      long first = segment.offset() & -PageSize.BYTES;
      if (segment.type() == PT_LOAD
          && offset >= first
          && offset < segment.offset() + segment.fileBytes()) {
        executable |= (segment.flags() & PF_X) != 0;
        break;
      }
    }
    return MappingTable.READ
        | (executable ? MappingTable.EXECUTE : 0)
        | (shared ? MappingTable.SHARED : 0);
  }

  private List<ElfImage.Segment> headers(String name) {
    try {
      Optional<ElfImage> opened = ElfImage.open(files.open(name));
      if (opened.isPresent()) {
        try (ElfImage image = opened.get()) {
          return List.copyOf(image.segments());
        }
      }
    } catch (IOException e) {
      return List.of(); // Not on this machine, or another one.
    }
    return List.of();
  }

  /** How many there are. */
  int count() {
    return rows.size();
  }

  /** Sum of their lengths, vsyscall left out. */
  long bytes() {
    return rows.stream().filter(row -> row.start() >= 0).mapToLong(r -> r.end() - r.start()).sum();
  }

  /** Bytes that the core holds of those rows that are or are not anonymous, or shared. */
  record Held(long anonymous, long file, long shared) {}

  Held held() {
    long[] of = resident();
    long anonymous = 0;
    long file = 0;
    long shared = 0;
    for (int i = 0; i < of.length; i++) {
      Row row = rows.get(i);
      if ((row.permissions() & MappingTable.SHARED) != 0) {
        shared += of[i];
      } else if (isAnonymous(row)) {
        anonymous += of[i];
      } else {
        file += of[i];
      }
    }
    return new Held(anonymous, file, shared);
  }

  /** What of a file's mapping was written is the process' own; it is all that a core has of it. */
  private static boolean isAnonymous(Row row) {
    return row.isAnonymous() || (row.permissions() & MappingTable.WRITE) != 0;
  }

  /**
   * Fills a table.
   *
   * @param exact whether with what the core holds of each
   */
  MappingTable fill(MappingTable into, boolean exact) {
    into.clear();
    long[] of = exact ? resident() : new long[rows.size()];
    for (int r = 0; r < rows.size(); r++) {
      Row row = rows.get(r);
      int i =
          into.add(
              row.start(), row.end(), row.permissions(), row.offset(), row.inode(), row.name());
      if (exact && i >= 0) {
        boolean shared = (row.permissions() & MappingTable.SHARED) != 0;
        into.set(i, Field.RSS, of[r]);
        into.set(i, Field.ANONYMOUS, !shared && isAnonymous(row) ? of[r] : 0);
      }
    }
    return into;
  }

  private long[] resident() {
    if (resident.length != rows.size()) {
      resident = new long[rows.size()];
      for (int i = 0; i < resident.length; i++) {
        Row row = rows.get(i);
        boolean counts = row.start() >= 0 && !row.name().startsWith("[v");
        resident[i] =
            counts
                    && memory.presentBytes(row.start(), row.end(), ReadMeter.UNPACED)
                        instanceof Outcome.Sampled<Long> sum
                ? sum.value()
                : 0;
      }
    }
    return resident;
  }
}
