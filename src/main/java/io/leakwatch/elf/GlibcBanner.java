package io.leakwatch.elf;

import io.leakwatch.elf.ElfImage.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The version of glibc, from the banner among its constants (glibc csu/version.c). */
final class GlibcBanner {
  private static final int PT_LOAD = 1;
  private static final int PF_W = 2;
  private static final long SCAN_BYTES_MAX = 64 << 20;
  private static final String RELEASE = "release version ";

  private GlibcBanner() {}

  /** E.g. {@code 2.36}; "" for others. */
  static String version(ElfFile file, List<Segment> segments) throws IOException {
    long left = SCAN_BYTES_MAX;
    for (Segment segment : segments) {
      if (segment.type() != PT_LOAD || (segment.flags() & PF_W) != 0) {
        continue;
      }
      long bytes = Math.min(segment.fileBytes(), left);
      left -= bytes;
      for (long done = 0; done < bytes; done += ElfFile.PIECE_BYTES - 256) {
        ByteBuffer piece =
            file.read(segment.offset() + done, Math.min(ElfFile.PIECE_BYTES, bytes - done));
        String version = versionIn(StandardCharsets.ISO_8859_1.decode(piece).toString());
        if (!version.isEmpty()) {
          return version;
        }
      }
    }
    return "";
  }

  private static String versionIn(String text) {
    int banner = text.indexOf("GNU C Library (");
    int release = banner < 0 ? -1 : text.indexOf(RELEASE, banner);
    if (release < 0 || release - banner >= 200) {
      return "";
    }
    int from = release + RELEASE.length();
    int to = from;
    while (to < text.length() && to < from + 8 && isVersion(text.charAt(to))) {
      to++;
    }
    String found = text.substring(from, to);
    return found.endsWith(".") ? found.substring(0, found.length() - 1) : found;
  }

  private static boolean isVersion(char c) {
    return c == '.' || (c >= '0' && c <= '9');
  }
}
