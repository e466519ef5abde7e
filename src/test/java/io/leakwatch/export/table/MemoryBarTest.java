package io.leakwatch.export.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.export.table.MemoryShares.Part;
import io.leakwatch.heap.HeapStrip;
import io.leakwatch.heap.HeapStrips;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What memory is spent on as a bar, and heaps as an agent tells them. */
class MemoryBarTest {
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");
  private static final MemoryShares HALF =
      new MemoryShares(
          Map.of(Part.LIVE, 512L << 20, Part.PINNED, 384L << 20, Part.FILES, 128L << 20));

  @Test
  void thePartsShouldStandInTheirOrderByTheirSizes() {
    MemoryBar plain = new MemoryBar(new AnsiStyle(false));
    assertEquals("LLLLLLLLPPPPPPFF", plain.of(HALF, 16));
    assertEquals("                ", plain.of(MemoryShares.UNKNOWN, 16));
    assertEquals(
        "memory L live 512M  P pinned 384M  F files 128M", plain.legend(HALF, "memory ", 80));
    assertEquals("memory L live 512M", plain.legend(HALF, "memory ", 30));
    assertEquals(3, plain.lines(HALF, "  ", 80).size());
  }

  @Test
  void aBarShouldHaveItsWidthWhateverItIsMadeOf() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 500; round++) {
      MemoryShares.Sum sum = new MemoryShares.Sum();
      for (Part part : Part.values()) {
        sum.add(part, random.nextLong(1L << random.nextInt(1, 50)) * random.nextInt(2));
      }
      int columns = random.nextInt(1, 60);
      MemoryBar bar = new MemoryBar(new AnsiStyle(round % 2 == 0));
      String text = COLOUR.matcher(bar.of(sum.shares(), columns)).replaceAll("");
      assertEquals(columns, text.length(), text);
      for (String line : bar.lines(sum.shares(), "    ", columns)) {
        String seen = COLOUR.matcher(line).replaceAll("");
        assertTrue(seen.length() <= columns, seen);
      }
      String legend = COLOUR.matcher(bar.legend(sum.shares(), "", columns)).replaceAll("");
      assertTrue(legend.length() <= columns, legend);
    }
  }

  @Test
  void heapsShouldBeReadAsTheAgentTellsThem() throws IOException {
    String answer =
        """
        { "process": "x", "ptmalloc": { "arenas": [ {} ], "strips": [
          { "arena": 3, "main": false, "address": "0x7f0040000000", "cell_bytes": 65536,
            "cells": "9ffr1", "pin_cell": 4 },
          { "arena": 0, "main": true, "address": "0x5500", "cell_bytes": 131072, "cells": "97",
            "pin_cell": null } ], "strips_omitted": 7 } }
        """;
    HeapStrips heaps = StripReader.read(new StringReader(answer));
    assertEquals(
        List.of(
            new HeapStrip(3, 0x7f0040000000L, 65536, "9ffr1", 4),
            new HeapStrip(0, 0x5500, 131072, "97", -1)),
        heaps.list());
    assertEquals(7, heaps.omitted());
    assertEquals(HeapStrips.NONE, StripReader.read(new StringReader("{}")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"ptmalloc\": 1}",
        "{\"ptmalloc\": {\"strips\": [{\"cells\": \"\\u001b[2J\"}]}}",
        "{\"ptmalloc\": {\"strips\": [{\"address\": \"x\"}]}}"
      })
  void whatIsNoAnswerOfAnAgentShouldBeRefused(String answer) {
    assertThrows(IOException.class, () -> StripReader.read(new StringReader(answer)));
  }
}
