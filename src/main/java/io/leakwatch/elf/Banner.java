package io.leakwatch.elf;

import io.leakwatch.elf.ElfImage.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a library, from the sentence or the word that it keeps among its constants:
 * glibc's csu/version.c, and what jemalloc's {@code mallctl} answers to {@code version}.
 */
enum Banner {
  GLIBC("GNU C Library \\([^\\x00]{0,180}?release version ([0-9][0-9.]{0,6}[0-9])"),
  JEMALLOC("(?<![0-9.])([345]\\.[0-9]{1,2}\\.[0-9]{1,2})-[0-9]{1,6}-g[0-9a-f]{40}");

  private static final int PT_LOAD = 1;
  private static final int PF_W = 2;
  private static final long SCAN_BYTES_MAX = 64 << 20;
  private static final int OVERLAP_BYTES = 256;

  private final Pattern pattern;

  Banner(String pattern) {
    this.pattern = Pattern.compile(pattern);
  }

  /** E.g. {@code 2.36}; "" where there is none. */
  String version(ElfFile file, List<Segment> segments) throws IOException {
    long left = SCAN_BYTES_MAX;
    for (Segment segment : segments) {
      if (segment.type() != PT_LOAD || (segment.flags() & PF_W) != 0) {
        continue;
      }
      long bytes = Math.min(segment.fileBytes(), left);
      left -= bytes;
      for (long done = 0; done < bytes; done += ElfFile.PIECE_BYTES - OVERLAP_BYTES) {
        ByteBuffer piece =
            file.read(segment.offset() + done, Math.min(ElfFile.PIECE_BYTES, bytes - done));
        Matcher found = pattern.matcher(StandardCharsets.ISO_8859_1.decode(piece));
        if (found.find()) {
          return found.group(1);
        }
      }
    }
    return "";
  }
}
