package io.leakwatch.saved.core;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Core files of live programs, as gcore writes them, and small ones that a test makes up. */
final class Cores {
  static final int X86_64 = 62;
  static final int LOAD = 1;
  static final int READ = 4;
  static final int WRITE = 2;
  private static final int PAGE = 4096;

  private Cores() {}

  /** Skips the test where gcore is missing or may not attach. */
  static Path gcore(CTarget target, Path prefix) {
    int pid = target.pid();
    Tool.Result probe = Tool.run("", List.of("sh", "-c", "command -v gcore"));
    assumeTrue(probe.status() == 0, "gcore is missing: install gdb");
    Tool.Result made =
        Tool.run("", List.of("gcore", "-o", prefix.toString(), Integer.toString(pid)));
    Path core = prefix.resolveSibling(prefix.getFileName() + "." + pid);
    assumeTrue(Files.exists(core), made.output());
    return core;
  }

  /** A program header of a core that is made up. */
  record Header(int type, int flags, long offset, long address, long inFile, long inMemory) {}

  /**
   * A file with an ELF header, program headers behind it, and pages that each begin with their
   * number, from 1 on; they begin at {@link #PAGE}.
   */
  static byte[] madeUp(int machine, int statedHeaders, int pages, Header... headers) {
    ByteBuffer file = ByteBuffer.allocate(PAGE + pages * PAGE).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1);
    file.putShort(16, (short) 4).putShort(18, (short) machine).putInt(20, 1);
    file.putLong(32, 128).putLong(40, 64).putShort(52, (short) 64).putShort(54, (short) 56);
    file.putShort(56, (short) statedHeaders).putShort(58, (short) 64).putShort(60, (short) 1);
    file.putInt(64 + 44, headers.length); // The count, in sh_info of the first section.
    int at = 128;
    for (Header header : headers) {
      file.putInt(at, header.type()).putInt(at + 4, header.flags());
      file.putLong(at + 8, header.offset()).putLong(at + 16, header.address());
      file.putLong(at + 32, header.inFile()).putLong(at + 40, header.inMemory());
      file.putLong(at + 48, PAGE);
      at += 56;
    }
    for (int page = 1; page <= pages; page++) {
      file.putLong(page * PAGE, page);
    }
    return file.array();
  }

  /** The same, written to a file. */
  static Path madeUp(Path file, int statedHeaders, int pages, Header... headers)
      throws IOException {
    int own = System.getProperty("os.arch", "").equals("aarch64") ? 183 : X86_64;
    return Files.write(file, madeUp(own, statedHeaders, pages, headers));
  }
}
