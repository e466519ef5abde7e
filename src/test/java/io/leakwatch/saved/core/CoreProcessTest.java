package io.leakwatch.saved.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.proc.memory.Residency;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a core file says of memory, on files of a few pages. */
class CoreProcessTest {
  private static final long PAGE = 4096;
  private static final long AT = 0x10000;

  @TempDir private Path folder;

  private Path file(int statedHeaders, int pages, Cores.Header... headers) throws IOException {
    return Cores.madeUp(folder.resolve("core"), statedHeaders, pages, headers);
  }

  private static Cores.Header load(long page, long address, long inFile, long inMemory) {
    return new Cores.Header(
        Cores.LOAD, Cores.READ | Cores.WRITE, page * PAGE, address, inFile * PAGE, inMemory * PAGE);
  }

  private static <T> T value(Outcome<T> outcome) {
    return ((Outcome.Sampled<T>) outcome).value();
  }

  private static MappingTable smaps(CoreProcess core) {
    return value(core.smaps(new MappingTable(), ReadMeter.UNPACED));
  }

  @Test
  void shouldReadWhatIsThereAndStopBeforeWhatIsNot() throws IOException {
    try (CoreProcess core = CoreProcess.open(file(1, 2, load(1, AT, 2, 3)))) {
      ProcessMemory memory = core.memory();
      assertEquals(OptionalLong.of(1), memory.readLong(AT));
      assertEquals(OptionalLong.of(2), memory.readLong(AT + PAGE));
      assertEquals(OptionalLong.empty(), memory.readLong(AT + 2 * PAGE));
      assertEquals(OptionalLong.empty(), memory.readLong(AT - 8));
      ByteBuffer all = ByteBuffer.allocateDirect((int) (4 * PAGE));
      assertEquals(2 * PAGE - 16, memory.read(AT + 16, all));
      assertEquals(2 * PAGE - 16, all.position());
    }
  }

  @Test
  void shouldTakeAPageOfZerosForOneThatWasNeverTouched() throws IOException {
    Path file = file(1, 3, load(1, AT, 3, 3));
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) (2 * PAGE)] = 0;
    Files.write(file, bytes);
    try (CoreProcess core = CoreProcess.open(file)) {
      Residency residency = new Residency();
      value(core.memory().residency(AT, AT + 3 * PAGE, residency, ReadMeter.UNPACED));
      assertEquals(2, residency.count());
      assertEquals(AT + 2 * PAGE, residency.start(1));
      assertEquals(PAGE, residency.zeroPageBytes());
      assertEquals(2 * PAGE, smaps(core).get(0, Field.RSS));
      assertEquals(OptionalLong.empty(), core.memory().readLong(AT + PAGE));
    }
  }

  @Test
  void shouldReadOnFromOneMappingIntoTheNext() throws IOException {
    try (CoreProcess core =
        CoreProcess.open(file(2, 2, load(1, AT, 1, 1), load(2, AT + PAGE, 1, 1)))) {
      ByteBuffer both = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(16, core.memory().read(AT + PAGE - 8, both));
      assertEquals(2, both.getLong(8));
      Residency residency = new Residency();
      value(core.memory().residency(AT, AT + 2 * PAGE, residency, ReadMeter.UNPACED));
      assertEquals(1, residency.count());
    }
  }

  @Test
  void shouldFindTheNumberOfHeadersWhereItDoesNotFitInto16Bits() throws IOException {
    try (CoreProcess core =
        CoreProcess.open(file(0xffff, 2, load(1, AT, 1, 1), load(2, 3 * AT, 1, 1)))) {
      assertEquals(2, smaps(core).size());
    }
  }

  @Test
  void shouldLeaveOutWhatOverlapsInMemoryOrInTheFile() throws IOException {
    try (CoreProcess core =
        CoreProcess.open(
            file(
                6,
                4,
                load(1, AT, 2, 2),
                load(2, 2 * AT, 1, 1), // The same page of the file once more.
                load(3, AT + PAGE, 1, 1), // The same address once more.
                load(4, 3 * AT + 8, 1, 1), // No page.
                load(4, Long.MIN_VALUE, 1, 1), // Nobody's address.
                load(4, 4 * AT, 1, 1)))) {
      MappingTable table = smaps(core);
      assertEquals(2, table.size());
      assertEquals(4 * AT, table.start(1));
      assertTrue(
          core.notes().toString().contains("4 headers make no sense"), core.notes()::toString);
    }
  }

  @Test
  void shouldSayHowMuchIsMissingOfACoreThatIsCutOff() throws IOException {
    try (CoreProcess core = CoreProcess.open(file(1, 3, load(1, AT, 1024, 1024)))) {
      assertEquals(3 * PAGE, smaps(core).total(Field.RSS));
      assertTrue(
          core.notes().get(0).startsWith("core is cut off: 4.0 MiB of 4 MiB of memory are"),
          core.notes()::toString);
      assertEquals(OptionalLong.of(3), core.memory().readLong(AT + 2 * PAGE));
      assertEquals(OptionalLong.empty(), core.memory().readLong(AT + 3 * PAGE));
    }
  }

  @Test
  void shouldTakeReadOnlyMemoryWithNothingInItForReserved() throws IOException {
    Path file =
        file(
            2,
            2,
            new Cores.Header(Cores.LOAD, Cores.READ, PAGE, AT, PAGE, PAGE),
            load(2, AT + PAGE, 1, 1));
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) PAGE] = 0;
    Files.write(file, bytes);
    try (CoreProcess core = CoreProcess.open(file)) {
      MappingTable table = smaps(core);
      assertEquals("---p", table.permissionLetters(0));
      assertEquals("rw-p", table.permissionLetters(1));
      assertFalse(table.has(Field.SWAP), "a core does not tell what was swapped");
    }
  }
}
