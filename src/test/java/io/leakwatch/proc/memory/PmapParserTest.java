package io.leakwatch.proc.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.proc.memory.MappingTable.Field;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What the parser of pmap -X makes of listings of several versions, and of hostile ones. */
final class PmapParserTest {
  private static final String WIDE =
      """
      29931:   /usr/bin/server -c /etc/server conf
               Address Perm   Offset Device  Inode Size KernelPageSize  Rss Anonymous LazyFree AnonHugePages Swap THPeligible              VmFlags Mapping
          56224229d000 rw-p 00000000  00:00      0  132              4   16        16        0             0    8           0    rd wr mr mw me ac [heap]
          7f43742cd000 r--p 00001000  fe:00 329635  348              4  120         0        0             0    0           0       rd mr mw me sh LC
          7f4374500000 rw-s 00000000  00:01   2049    8              4    8         8        0             0    0           0                      memfd:a\\012b (deleted)
          7f4374504000 ---p 00000000  00:00      0   52              4    0         0        0             0    0           0             mr mw me
      ffffffffff600000 --xp 00000000  00:00      0    4              4    0         0        0             0    0           0                   ex [vsyscall]
                                                   ==== ============== ==== ========= ======== ============= ==== ===========
                                                    544             20  144        24        0             0    8           0 KB
      """;

  private final MappingTable table = new MappingTable();
  private final PmapParser parser = new PmapParser(table);

  private void parse(String text) {
    text.lines().forEach(parser::accept);
  }

  @Test
  void shouldReadEveryColumnByItsTitle() {
    parse(WIDE);

    assertEquals(5, table.size());
    assertEquals(0, table.malformedLines());
    assertEquals("29931:   /usr/bin/server -c /etc/server conf", parser.title());
    assertEquals(OptionalLong.of(144 << 10), parser.totalRssBytes());
    assertEquals(144 << 10, table.total(Field.RSS));
    assertEquals(0x56224229d000L, table.start(0));
    assertEquals(132 << 10, table.lengthBytes(0));
    assertEquals(8 << 10, table.get(0, Field.SWAP));
    assertEquals(4 << 10, table.get(0, Field.KERNEL_PAGE_SIZE));
    assertEquals(MappingTable.ACCOUNTED, table.flags(0));
    assertEquals("[heap]", table.name(0));
    assertEquals(0x1000, table.offset(1));
    assertEquals(329635, table.inode(1));
    assertTrue(table.isShared(2));
    assertEquals("", table.name(3));
    assertEquals("[vsyscall]", table.name(4));
    assertEquals("--xp", table.permissionLetters(4));
  }

  @Test
  void shouldNotTakeANameOfTwoLettersForAFlag() {
    parse(WIDE);

    assertEquals("/…/LC", table.name(1));
  }

  @Test
  void shouldReadTheSameWhereBlanksWereLost() {
    parse(WIDE.replaceAll("(?m)^ +", "").replaceAll(" +", " ").replace(" LC\n", " LC_TYPE\n"));

    assertEquals(5, table.size());
    assertEquals(0, table.malformedLines());
    assertEquals("/…/LC_TYPE", table.name(1));
    assertEquals("", table.name(3));
    assertEquals(144 << 10, table.total(Field.RSS));
  }

  @Test
  void shouldKnowNamesOfTheKernelByTheirLastPart() {
    parse(WIDE);

    assertEquals("/memfd:a\\012b (deleted)", table.name(2));
  }

  @Test
  void shouldNotTakeAMissingColumnForZero() {
    parse(
        """
        Address Perm Offset Device Inode Size Rss Pss Mapping
        7f0000000000 rw-p 00000000 00:00 0 132 12 ?
        7f0000100000 rw-p 00000000 00:00 0 132 ? 1
        """);

    assertTrue(table.has(Field.RSS));
    assertFalse(table.has(Field.ANONYMOUS) || table.has(Field.SWAP) || table.hasFlags());
    assertEquals(12 << 10, table.total(Field.RSS));
    assertEquals(1, table.malformedLines());
    assertEquals(3, table.firstMalformedLine());
    assertEquals(OptionalLong.empty(), parser.totalRssBytes());
  }

  @Test
  void shouldTellWhereAnotherListingBegins() {
    parse(WIDE + WIDE);

    assertEquals(5, table.size());
    assertEquals(11, table.restartLine());
  }

  @Test
  void shouldCountRowsThatCannotBe() {
    parse(
        """
        Address Perm Offset Device Inode Size Rss Mapping
        7f0000200000 rw-p 00000000 00:00 0 4 4
        7f0000100000 rw-p 00000000 00:00 0 4 4
        ffffffffffffffffff rw-p 0 00:00 0 4 4
        7f0000300000 rwxp 00000000 00:00 0 9999999999999999 4
        7f0000400000 rw
        7f0000500000 quux 00000000 00:00 0 4 4
        ...
        """);

    assertEquals(1, table.size());
    assertEquals(6, table.malformedLines());
    assertEquals(3, table.firstMalformedLine());
  }

  @FuzzTest
  void hostileListingsNeverHarm(byte[] bytes) {
    parse(new String(bytes, StandardCharsets.UTF_8));
    parse(WIDE.lines().skip(1).findFirst().orElseThrow());
    parse(new String(bytes, StandardCharsets.UTF_8));
    long last = 0;
    for (int i = 0; i < table.size(); i++) {
      assertTrue(Long.compareUnsigned(table.start(i), last) >= 0);
      assertTrue(Long.compareUnsigned(table.end(i), table.start(i)) > 0);
      last = table.end(i);
    }
  }
}
