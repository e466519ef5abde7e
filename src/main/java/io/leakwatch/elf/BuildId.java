package io.leakwatch.elf;

import io.leakwatch.elf.ElfImage.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;

/** The build id in a file's notes (NT_GNU_BUILD_ID, elf(5)). */
final class BuildId {
  private static final int PT_NOTE = 4;
  private static final int NT_GNU_BUILD_ID = 3;
  private static final int NOTE_BYTES_MAX = 64 << 10;

  private BuildId() {}

  /** The GNU build id in hex; {@code ""} for none. */
  static String of(ElfFile file, List<Segment> segments) throws IOException {
    for (Segment segment : segments) {
      if (segment.type() != PT_NOTE) {
        continue;
      }
      ByteBuffer notes = file.read(segment.offset(), Math.min(segment.fileBytes(), NOTE_BYTES_MAX));
      while (notes.remaining() >= 12) {
        int nameBytes = notes.getInt();
        int bytes = notes.getInt();
        int kind = notes.getInt();
        long padded = ((nameBytes + 3L) & ~3L) + ((bytes + 3L) & ~3L);
        if (nameBytes < 0 || bytes < 0 || padded > notes.remaining()) {
          break;
        }
        int at = notes.position();
        if (kind == NT_GNU_BUILD_ID && nameBytes == 4 && notes.getInt(at) == gnu(file)) {
          byte[] id = new byte[Math.min(bytes, 64)];
          notes.get(at + 4, id);
          return HexFormat.of().formatHex(id);
        }
        notes.position(at + (int) padded);
      }
    }
    return "";
  }

  private static int gnu(ElfFile file) {
    return file.order() == ByteOrder.LITTLE_ENDIAN ? 0x00554e47 : 0x474e5500;
  }
}
