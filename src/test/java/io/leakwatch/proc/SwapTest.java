package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import io.leakwatch.proc.memory.Residency;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That looking at a process brings nothing back from swap; needs root, for a swap file of ours. */
final class SwapTest {
  private static final int BYTES = 8 << 20;
  private static final int HALF = BYTES / 2;

  @TempDir Path folder;
  private boolean swapping;

  @BeforeEach
  void swapOn() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can add swap");
    Path file = Files.write(folder.resolve("swap"), new byte[4 * BYTES]);
    swapping =
        run("chmod", "600", file.toString())
            && run("mkswap", file.toString())
            && run("swapon", file.toString());
    assumeTrue(swapping, "this machine or file system takes no swap file");
  }

  @AfterEach
  void swapOff() {
    if (swapping) {
      assertTrue(run("swapoff", folder.resolve("swap").toString()));
    }
  }

  private static boolean run(String... command) {
    return Tool.run("", List.of(command)).status() == 0;
  }

  @Test
  void shouldBringNothingBackFromSwap() {
    ProcFs node = ProcFs.live();
    try (CTarget target = CTarget.start("paged_out")) {
      String[] told = target.awaitLine("ready").split(" ", -1);
      long block = Long.parseLong(told[1], 16);
      int i = 0;
      try (ProcessReader reader = value(node.open(value(node.identify(target.pid())).id()))) {
        Status before = value(reader.status());
        assumeTrue(before.swapBytes() >= HALF, "the kernel kept the pages: " + before);
        ByteBuffer buffer = RemoteMemory.allocate(BYTES);
        assertEquals(HALF, reader.memory().read(block, buffer));
        assertEquals(0, reader.memory().read(block + HALF, buffer.clear()));
        assertTrue(reader.memory().readLong(block + HALF + 4096).isEmpty());
        Residency residency = new Residency();
        value(reader.memory().residency(block, block + BYTES, residency, ReadMeter.UNPACED));
        assertEquals(HALF, residency.presentBytes());
        assertEquals(HALF, residency.swappedBytes());
        MappingTable exact = value(reader.smaps(new MappingTable(), ReadMeter.UNPACED));
        MappingTable scanned = value(reader.scan(new MappingTable(), ReadMeter.UNPACED));
        while (exact.end(i) <= block) {
          i++;
        }
        assertEquals(HALF, exact.get(i, Field.SWAP));
        assertEquals(exact.get(i, Field.SWAP), scanned.get(i, Field.SWAP));
        assertEquals(exact.get(i, Field.RSS), scanned.get(i, Field.RSS));
        assertEquals(before.swapBytes(), value(reader.status()).swapBytes());
        target.send("again");
        assertEquals(told[2], target.awaitLine("ready").split(" ", -1)[2]);
      }
    }
  }
}
