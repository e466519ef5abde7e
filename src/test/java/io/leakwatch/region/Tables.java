package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.PmapParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Mapping tables for tests: from a listing of pmap -X, from text, from a live process' smaps. */
final class Tables {
  private Tables() {}

  static MappingTable ofPmap(String resource) {
    try (var in = Tables.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      MappingTable table = new MappingTable();
      PmapParser parser = new PmapParser(table);
      text.lines().forEach(parser::accept);
      return table;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long kib(String field) {
    return Long.parseLong(field) << 10;
  }

  /** Lines of {@code start-end perms rssKiB name}. */
  static MappingTable ofText(String text) {
    MappingTable table = new MappingTable();
    for (String line : text.strip().lines().toList()) {
      String[] f = line.strip().split("\\s+", 4);
      String[] range = f[0].split("-");
      String name = f.length > 3 ? f[3] : "";
      add(
          table,
          Long.parseUnsignedLong(range[0], 16),
          Long.parseUnsignedLong(range[1], 16),
          f[1],
          name.startsWith("/") ? 7 : 0,
          name,
          kib(f[2]));
    }
    return table;
  }

  private static int add(
      MappingTable table, long start, long end, String perms, long inode, String name, long rss) {
    int permissions =
        (perms.charAt(0) == 'r' ? MappingTable.READ : 0)
            | (perms.charAt(1) == 'w' ? MappingTable.WRITE : 0)
            | (perms.charAt(2) == 'x' ? MappingTable.EXECUTE : 0)
            | (perms.length() > 3 && perms.charAt(3) == 's' ? MappingTable.SHARED : 0);
    int i = table.add(start, end, permissions, 0, inode, name);
    table.set(i, MappingTable.Field.RSS, rss);
    return i;
  }

  static MappingTable ofProcess(long pid) throws IOException {
    MappingTable table = new MappingTable();
    int i = -1;
    for (String line :
        Files.readString(Path.of("/proc/" + pid + "/smaps"), StandardCharsets.ISO_8859_1)
            .split("\n")) {
      String[] f = line.split("\\s+", 6);
      if (f[0].endsWith(":")) {
        for (MappingTable.Field field : MappingTable.Field.values()) {
          if (f[0].equals(field.key() + ":")) {
            table.set(i, field, kib(f[1]));
          }
        }
      } else if (f.length >= 5) {
        String[] range = f[0].split("-");
        i =
            add(
                table,
                Long.parseUnsignedLong(range[0], 16),
                Long.parseUnsignedLong(range[1], 16),
                f[1],
                Long.parseLong(f[4]),
                f.length > 5 ? f[5] : "",
                0);
      }
    }
    return table;
  }

  /** Memory of a live process, present pages only. */
  static final class LiveMemory implements MemoryProbe, AutoCloseable {
    private final FileChannel memory;
    private final FileChannel pagemap;

    LiveMemory(long pid) throws IOException {
      memory = FileChannel.open(Path.of("/proc/" + pid + "/mem"));
      pagemap = FileChannel.open(Path.of("/proc/" + pid + "/pagemap"));
    }

    @Override
    public boolean read(long address, long[] words) {
      ByteBuffer bytes = ByteBuffer.allocate(words.length * 8).order(ByteOrder.nativeOrder());
      try {
        if (residentBytes(address & -4096, (address & -4096) + 4096) != 4096
            || memory.read(bytes, address) != bytes.capacity()) {
          return false;
        }
      } catch (IOException e) {
        return false;
      }
      bytes.flip().asLongBuffer();
      bytes.asLongBuffer().get(words);
      return true;
    }

    @Override
    public long residentBytes(long start, long end) {
      ByteBuffer bytes =
          ByteBuffer.allocate((int) ((end - start) / 512)).order(ByteOrder.nativeOrder());
      try {
        pagemap.read(bytes, start / 512);
      } catch (IOException e) {
        return -1;
      }
      bytes.flip();
      long resident = 0;
      while (bytes.hasRemaining()) {
        resident += bytes.getLong() < 0 ? 4096 : 0;
      }
      return resident;
    }

    @Override
    public void close() throws IOException {
      memory.close();
      pagemap.close();
    }
  }

  /** Memory of a fixture: words by address. */
  static final class RecordedMemory implements MemoryProbe {
    private final Map<Long, Long> words = new TreeMap<>();

    RecordedMemory put(long address, long... values) {
      for (int i = 0; i < values.length; i++) {
        words.put(address + 8L * i, values[i]);
      }
      return this;
    }

    @Override
    public boolean read(long address, long[] out) {
      for (int i = 0; i < out.length; i++) {
        out[i] = words.getOrDefault(address + 8L * i, 0L);
      }
      return true;
    }
  }
}
