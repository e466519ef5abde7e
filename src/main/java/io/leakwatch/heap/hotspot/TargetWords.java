package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Words and texts of a target's memory by their addresses. A page of a file that is not present was
 * not changed either, so it is read from the file: constants of the JVM's library and classes of
 * its archive that nobody has looked at for long.
 */
final class TargetWords implements AutoCloseable {
  private static final int PAGE_BYTES = 4096;
  private static final int FILES_MAX = 16;
  private static final int FILE_PAGES_MAX = 4096;

  private final OwnerTarget target;
  private final ByteBudget budget;
  private final PageCache present;
  private final Map<Long, long[]> filePages = new HashMap<>();
  private final Map<Long, FileChannel> files = new HashMap<>();
  private final long[] one = new long[1];
  private final long[] bits = new long[1];

  TargetWords(OwnerTarget target, ByteBudget budget) {
    this.target = target;
    this.budget = budget;
    this.present = new PageCache(target.memory(), budget);
  }

  /** Reads words at a multiple of 8; false when one of them cannot be had. */
  boolean read(long address, long[] into, int count) {
    if (address <= 0 || (address & 7) != 0) {
      return false;
    }
    int done = 0;
    while (done < count) {
      long at = address + 8L * done;
      int wanted = (int) Math.min(count - done, (PAGE_BYTES - (at & PAGE_BYTES - 1)) >>> 3);
      long[] piece = wanted == into.length ? into : new long[wanted];
      if (!present.words(at, piece, wanted) && !readFile(at, piece, wanted)) {
        return false;
      }
      if (piece != into) {
        System.arraycopy(piece, 0, into, done, wanted);
      }
      done += wanted;
    }
    return true;
  }

  /** The word at a multiple of 8, 0 where it cannot be had. */
  long word(long address) {
    return read(address, one, 1) ? one[0] : 0;
  }

  /** The word at a multiple of 8 as it is now, 0 where it is not present. */
  long wordNow(long address) {
    return address > 0 && target.memory().peek(address & -8L, one, 1) == 1 ? one[0] : 0;
  }

  /** The four bytes at a multiple of 4, 0 where they cannot be had. */
  int int32(long address) {
    return (address & 3) != 0 ? 0 : (int) (word(address & -8L) >>> (8 * (address & 4)));
  }

  /** The byte at an address, 0 where it cannot be had. */
  int int8(long address) {
    return (int) (word(address & -8L) >>> (8 * (address & 7))) & 0xff;
  }

  int int16(long address) {
    return int8(address) | int8(address + 1) << 8;
  }

  /** Bytes at any address; null when one of them cannot be had. */
  byte @Nullable [] bytes(long address, int count) {
    long from = address & -8L;
    int skipped = (int) (address - from);
    long[] words = new long[(skipped + count + 7) / 8];
    if (!read(from, words, words.length)) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asLongBuffer().put(words);
    return Arrays.copyOfRange(buffer.array(), skipped, skipped + count);
  }

  /** A text that ends with a zero byte, {@code ""} where it cannot be had or is longer. */
  String text(long address, int bytesMax) {
    byte[] text = new byte[bytesMax];
    for (int i = 0; address > 0 && i < bytesMax; i++) {
      long at = address + i;
      if ((i == 0 || (at & 7) == 0) && !read(at & -8L, one, 1)) {
        return "";
      }
      text[i] = (byte) (one[0] >>> (8 * (at & 7)));
      if (text[i] == 0) {
        return new String(text, 0, i, StandardCharsets.UTF_8);
      }
    }
    return "";
  }

  private boolean readFile(long address, long[] into, int count) {
    long page = address & -PAGE_BYTES;
    long[] words = filePages.get(page);
    if (words == null) {
      if (filePages.size() >= FILE_PAGES_MAX || budget.isExhausted()) {
        return false;
      }
      words = filePage(page);
      filePages.put(page, words);
    }
    int from = (int) (address - page) >>> 3;
    if (from + count > words.length) {
      return false;
    }
    System.arraycopy(words, from, into, 0, count);
    return true;
  }

  /** What the file behind a page has, nothing where there is none or the page was swapped. */
  private long[] filePage(long page) {
    MappingTable table = target.table();
    int row = rowOf(table, page);
    if (row < 0 || table.inode(row) == 0 || target.memory().present(page, 1, bits) != 0) {
      return new long[0];
    }
    try {
      FileChannel file = file(table, row);
      ByteBuffer bytes = ByteBuffer.allocate(PAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      if (file != null && bits[0] == 0) {
        file.read(bytes, table.offset(row) + page - table.start(row));
        budget.spend(PAGE_BYTES);
      }
      long[] words = new long[bytes.flip().remaining() / 8];
      bytes.asLongBuffer().get(words);
      return words;
    } catch (IOException e) {
      return new long[0]; // Replaced, or not ours to read.
    }
  }

  private @Nullable FileChannel file(MappingTable table, int row) throws IOException {
    FileChannel file = files.get(table.inode(row));
    if (file == null && files.size() < FILES_MAX) {
      file = target.files().ofMapping(table, row);
      files.put(table.inode(row), file);
    }
    return file;
  }

  /** The mapping that holds an address, -1 where none does. */
  static int rowOf(MappingTable table, long address) {
    int low = 0;
    int high = table.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (address < table.start(middle)) {
        high = middle - 1;
      } else if (address >= table.end(middle)) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  /** {@link HeapMemory#GONE} or {@link HeapMemory#DENIED} where nothing can be read, else 0. */
  int failure() {
    return (int) Math.min(0, target.memory().present(0x1000, 1, bits));
  }

  @Override
  public void close() {
    for (FileChannel file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        assert e != null; // It was only read.
      }
    }
  }
}
