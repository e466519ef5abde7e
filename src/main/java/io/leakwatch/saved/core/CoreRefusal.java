package io.leakwatch.saved.core;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;

/** Why a file is not read as a core, by its first 64 bytes. */
final class CoreRefusal {
  private static final int ELF_MAGIC = 0x464c457f;
  private static final int ET_CORE = 4;
  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;

  /** The first four bytes, and how the file is unpacked. */
  private static final Map<Integer, String> PACKED =
      Map.of(
          0xfd2fb528, "zstd -d",
          0x184d2204, "lz4 -d",
          0x587a37fd, "xz -d");

  private static final int GZIP = 0x8b1f;

  private CoreRefusal() {}

  /** In words that follow the file's name; {@code ""} where nothing is wrong. */
  static String of(ByteBuffer header) {
    if (header.limit() < 20 || header.getInt(0) != ELF_MAGIC) {
      return packed(header);
    }
    boolean big = header.get(5) == 2;
    int type = swapped(header.getShort(16), big);
    if (type != ET_CORE) {
      return "is an ELF file, but no core file (type "
          + type
          + ", not "
          + ET_CORE
          + "): give a core file, a pid or a name";
    }
    if (header.get(4) != 2) {
      return "is a core of a 32-bit process: only those of 64 bits are read";
    }
    int machine = swapped(header.getShort(18), big);
    if (big || machine != ownMachine()) {
      return "is a core of another architecture ("
          + name(machine)
          + "; this is "
          + name(ownMachine())
          + "): read it on a machine of its own";
    }
    return header.limit() < 64 ? "is cut off in its first 64 bytes" : "";
  }

  private static String packed(ByteBuffer header) {
    if (header.limit() >= 4) {
      String unpack = PACKED.get(header.getInt(0));
      if ((header.getShort(0) & 0xffff) == GZIP) {
        unpack = "gzip -d";
      }
      if (unpack != null) {
        return "is compressed: unpack it first (" + unpack + ", or coredumpctl dump -o FILE)";
      }
    }
    return header.limit() == 0 ? "is empty" : "is no core file: it does not begin as ELF files do";
  }

  private static int swapped(short value, boolean big) {
    return (big ? Short.reverseBytes(value) : value) & 0xffff;
  }

  private static int ownMachine() {
    return System.getProperty("os.arch", "").equals("aarch64") ? AARCH64 : X86_64;
  }

  private static String name(int machine) {
    return switch (machine) {
      case X86_64 -> "x86-64";
      case AARCH64 -> "AArch64";
      default -> String.format(Locale.ROOT, "ELF machine %d", machine);
    };
  }
}
