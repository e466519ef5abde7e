package io.leakwatch.proc.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.proc.file.ProcStat;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.limits.CgroupMembership;
import io.leakwatch.proc.memory.MappingTable.Field;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What the smaps parser makes of good, odd and hostile text. */
final class MappingParserTest {
  private static final String TWO =
      """
      7f0000000000-7f0000021000 rw-p 00000000 00:00 0\s
      Size:                132 kB
      KernelPageSize:        4 kB
      Rss:                  12 kB
      Pss_Dirty:             5 kB
      Private_Clean:         4 kB
      Private_Dirty:         8 kB
      Anonymous:            12 kB
      LazyFree:              4 kB
      Swap:                100 kB
      THPeligible:           0
      ProtectionKey:         0
      VmFlags: rd wr mr mw me nr ac sd\s
      7f0000021000-7f0004000000 ---p 00000000 fe:01 4711                       /tmp/a b\\012c (deleted)
      Size:              65404 kB
      KernelPageSize:        4 kB
      Rss:          123456789 kB
      Private_Dirty:         1 kB
      VmFlags: gd ht
      """;

  @Test
  void shouldReadEveryFigureByItsKey() {
    MappingTable table = parse(TWO, TWO.length());
    assertEquals(2, table.size());
    assertEquals(0, table.malformedLines());
    assertEquals(0x7f0000000000L, table.start(0));
    assertEquals(0x21000, table.lengthBytes(0));
    assertEquals(12 << 10, table.get(0, Field.RSS));
    assertEquals(100 << 10, table.get(0, Field.SWAP));
    assertEquals("", table.name(0));
    assertEquals(MappingTable.NO_RESERVE | MappingTable.ACCOUNTED, table.flags(0));
    assertEquals("/tmp/a b\\012c (deleted)", table.name(1));
    assertEquals(4711, table.inode(1));
    assertEquals(123456789L << 10, table.get(1, Field.RSS));
    assertEquals(0, table.permissions(1));
    assertEquals(MappingTable.GROWS_DOWN | MappingTable.HUGETLB, table.flags(1));
    assertFalse(table.has(Field.ANON_HUGE_PAGES));
    assertEquals(0, table.get(0, Field.ANON_HUGE_PAGES));
    assertTrue(table.has(Field.LAZY_FREE));
  }

  @Test
  void shouldReadTheSameHoweverTheTextIsCut() {
    for (int piece = 1; piece < 200; piece++) {
      MappingTable table = parse(TWO, piece);
      assertEquals(2, table.size());
      assertEquals(0, table.malformedLines(), "pieces of " + piece);
      assertEquals(123456789L << 10, table.get(1, Field.RSS));
    }
  }

  @Test
  void shouldCountMalformedLinesAndDropOnlyTheirMapping() {
    String text =
        """
        7f0000000000-7f0000021000 rw-p 00000000 00:00 0\s
        Rss:                  12 MB
        Swap:
        Pss 7 kB
        zzz
        7f0000031000-7f0000021000 rw-p 00000000 00:00 0\s
        Rss:                  99 kB
        7f0000000000-7f0000001000 rw-p 00000000 00:00 0\s
        7f0000041000-7f0000051000 rw-p 00000000 00:00 0                          [anon: glibc: malloc]
        Rss:                   8 kB
        """;
    MappingTable table = parse(text, text.length());
    assertEquals(6, table.malformedLines());
    assertEquals(2, table.size());
    assertEquals(8 << 10, table.total(Field.RSS));
    assertEquals("[anon: glibc: malloc]", table.name(1));
  }

  @Test
  void shouldGiveEqualNamesAsOneObjectAndForgetWhenFull() {
    NameTable names = new NameTable();
    String first = name(names, "libc.so");
    assertSame(first, name(names, "libc.so"));
    for (int i = 0; i < 3 * NameTable.NAMES_MAX; i++) {
      names.begin();
      assertEquals("name" + i, name(names, "name" + i));
    }
  }

  @Test
  void shouldKeepWhatTellsAnAllocatorWhereFilesTakeAllRoom() {
    NameTable names = new NameTable();
    String longest = "x".repeat(4000);
    for (int i = 0; i < 60_000; i++) {
      String made = name(names, "/data/segment-" + i + longest);
      assertTrue(made.equals("/…") || made.startsWith("/data/segment-" + i + "x"), made);
    }
    assertEquals("/…", name(names, "/data/another"));
    assertEquals("/usr/lib/libjemalloc.so.2", name(names, "/usr/lib/libjemalloc.so.2"));
    assertEquals("[heap]", name(names, "[heap]"));
    for (int i = 0; i < 60_000; i++) {
      name(names, "[anon:pool " + i + longest + "]");
      name(names, "[anon:" + i + "]");
    }
    assertEquals("[anon:…", name(names, "[anon:another]"));
    assertEquals("[…", name(names, "[another]"));
  }

  private static String name(NameTable names, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return names.name(bytes, 0, bytes.length);
  }

  @Test
  void shouldCountMappingsThatFindNoRoom() {
    MappingParser parser = new MappingParser();
    MappingTable table = new MappingTable(3);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      text.append(String.format("%x000-%x800 rw-p 00000000 00:00 0\nRss: 4 kB\n", i + 1, i + 1));
    }
    parser.begin(table);
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    assertEquals(bytes.length, parser.accept(bytes, bytes.length));
    assertEquals(3, table.size());
    assertEquals(7, table.rowsBeyond());
    assertEquals(3 * 4096, table.total(Field.RSS));
    assertEquals(0, table.malformedLines());
    parser.begin(table);
    assertEquals(0, table.rowsBeyond());
  }

  @Test
  void shouldSurviveDamagedTextOfEveryKind() {
    Random random = new Random(20261122);
    byte[] good = TWO.getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 5_000; round++) {
      byte[] bad = good.clone();
      for (int i = random.nextInt(8); i >= 0; i--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      }
      hostileTextNeverHarms(bad);
    }
  }

  @FuzzTest
  void hostileTextNeverHarms(byte[] text) {
    MappingTable table = new MappingTable();
    MappingParser parser = new MappingParser();
    parser.begin(table);
    int taken = parser.accept(text, text.length);
    assertTrue(taken >= 0 && taken <= text.length);
    long last = 0;
    for (int i = 0; i < table.size(); i++) {
      assertTrue(Long.compareUnsigned(table.start(i), last) >= 0);
      assertTrue(Long.compareUnsigned(table.end(i), table.start(i)) > 0);
      last = table.end(i);
    }
  }

  @FuzzTest
  void hostileSmallFilesNeverHarm(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    ProcStat.parse(text);
    Status.parse(bytes, bytes.length, 0);
    new KeyedText(text).mask("CapEff");
    assertTrue(CgroupMembership.parse(text).size() <= 64);
    assertTrue(new KeyedText(text).number("inactive_file") >= -1);
  }

  /** Feeds the text in pieces, as reads of a file would. */
  private static MappingTable parse(String text, int piece) {
    MappingTable table = new MappingTable();
    MappingParser parser = new MappingParser();
    parser.begin(table);
    byte[] rest = text.getBytes(StandardCharsets.UTF_8);
    byte[] buffer = new byte[rest.length];
    int kept = 0;
    for (int from = 0; from < rest.length; from += piece) {
      int count = Math.min(piece, rest.length - from);
      System.arraycopy(rest, from, buffer, kept, count);
      int length = kept + count;
      int taken = parser.accept(buffer, length);
      kept = length - taken;
      System.arraycopy(buffer, taken, buffer, 0, kept);
    }
    assertEquals(0, kept);
    Arrays.fill(buffer, (byte) 0);
    return table;
  }
}
