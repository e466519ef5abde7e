package io.leakwatch.elf;

import io.leakwatch.elf.ElfImage.RelativeConsumer;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The relocations of an image that add its load base to a fixed value: DT_RELA's of type RELATIVE,
 * and DT_RELR's, which are packed as addresses and bitmaps and hold their value in place.
 */
final class ElfRelocations {
  private static final int X86_64_RELATIVE = 8;
  private static final int AARCH64_RELATIVE = 1027;
  private static final int DT_RELA = 7;
  private static final int DT_RELASZ = 8;
  private static final int DT_RELRSZ = 35;
  private static final int DT_RELR = 36;
  private static final int ENTRY_BYTES = 24;
  private static final long RELOCATIONS_MAX = 4_000_000;

  private final ElfImage image;
  private final ElfFile file;

  ElfRelocations(ElfImage image, ElfFile file) {
    this.image = image;
    this.file = file;
  }

  /** Hands over a bounded number of them, in the order of their tables. */
  void visit(RelativeConsumer consumer) throws IOException {
    int relative = image.isAarch64() ? AARCH64_RELATIVE : image.isX86() ? X86_64_RELATIVE : -1;
    long table = image.fileOffset(image.dynamic(DT_RELA));
    long bytes = Math.min(image.dynamic(DT_RELASZ), RELOCATIONS_MAX * ENTRY_BYTES);
    int step = ElfFile.PIECE_BYTES / ENTRY_BYTES * ENTRY_BYTES;
    for (long done = 0; table >= 0 && done < bytes; done += step) {
      ByteBuffer piece = file.read(table + done, Math.min(bytes - done, step));
      if (piece.limit() == 0) {
        break;
      }
      while (piece.remaining() >= ENTRY_BYTES) {
        long where = piece.getLong();
        long info = piece.getLong();
        long target = piece.getLong();
        if ((int) info == relative) {
          consumer.accept(where, target);
        }
      }
    }
    visitPacked(consumer);
  }

  /** An even word is an address; an odd one a bitmap of the 63 words behind the last. */
  private void visitPacked(RelativeConsumer consumer) throws IOException {
    long table = image.fileOffset(image.dynamic(DT_RELR));
    long bytes = Math.min(image.dynamic(DT_RELRSZ), RELOCATIONS_MAX / 64 * 8);
    if (table < 0 || bytes <= 0) {
      return;
    }
    ByteBuffer words = file.read(table, bytes);
    long next = 0;
    while (words.remaining() >= 8) {
      long word = words.getLong();
      if ((word & 1) == 0) {
        relocate(word, consumer);
        next = word + 8;
        continue;
      }
      for (int bit = 0; bit < 63; bit++) {
        if ((word >>> (bit + 1) & 1) != 0) {
          relocate(next + 8L * bit, consumer);
        }
      }
      next += 63 * 8;
    }
  }

  private void relocate(long where, RelativeConsumer consumer) throws IOException {
    ByteBuffer word = image.bytesAt(where, 8);
    if (word.remaining() == 8) {
      consumer.accept(where, word.getLong());
    }
  }
}
