package io.leakwatch.history.csv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.history.block.SampleBlockTest;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvSeriesTest {
  @TempDir Path directory;

  private final List<Sample> samples = new ArrayList<>();

  private CsvSeries.Report read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private CsvSeries.Report read(byte[] bytes) {
    return CsvSeries.read("x.csv", new ByteArrayInputStream(bytes), samples::add);
  }

  @Test
  void takesKnownColumnsInAnyOrderAndLeavesGapsAbsent() {
    CsvSeries.Report report =
        read("mood,arena_count,time,rss_anon_bytes\ngood,3,60,4096\nbad,,120.5,8.192e3\n");
    assertEquals(new CsvSeries.Report(2, 0, 0, 0, true, List.of()), report);
    assertEquals(3, samples.get(0).get(Signal.ARENA_COUNT));
    assertEquals(60, samples.get(0).timeSeconds());
    assertFalse(samples.get(1).has(Signal.ARENA_COUNT));
    assertEquals(120.5, samples.get(1).timeSeconds());
    assertEquals(8192, samples.get(1).get(Signal.RSS_ANON_BYTES));
  }

  @Test
  void tellsEachBuildThatDiffersBeforeTheSampleThatHasIt() {
    List<Object> told = new ArrayList<>();
    String text =
        "time,build,rss_bytes,build\n10,91bc,1,x\n20,,2,x\n30, 91bc ,3,x\n40,\"3f2a,\u001b\",4,y\n50,91bc,5,z\n";
    CsvSeries.Report report =
        CsvSeries.read(
            "x.csv",
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
            sample -> told.add(sample.timeSeconds()),
            told::add);
    assertEquals(5, report.samples());
    assertEquals(
        List.of(
            new Change(10, Change.Kind.BUILD, "91bc", null),
            10.0,
            20.0,
            30.0,
            new Change(40, Change.Kind.BUILD, "3f2a,?", "91bc"),
            40.0,
            new Change(50, Change.Kind.BUILD, "91bc", "3f2a,?"),
            50.0),
        told);
  }

  @Test
  void writesTheBuildWhereItIsKnown() {
    Sample sample = Sample.at(7, "a").set(Signal.RSS_BYTES, 1).build();
    EnumSet<Signal> signals = EnumSet.of(Signal.RSS_BYTES);
    assertEquals("time,incarnation,build,rss_bytes", CsvSeries.header(signals, List.of(), true));
    assertEquals("7,a,3f2a,1", CsvSeries.row(sample, signals, List.of(), "3f2a"));
    assertEquals("7,a,,1", CsvSeries.row(sample, signals, List.of(), ""));
    assertEquals("7,a,1", CsvSeries.row(sample, signals, List.of()));
  }

  @Test
  void countsWhatIsWrongByFileAndLineAndGoesOn() {
    CsvSeries.Report report =
        read(
            "time,load\n1,0.5\nsoon,1\n2,much\n2,1\n1.5,1\n\n3,NaN\n\"4,1\n5,7\nInfinity,1\n6,1e999");
    assertEquals(5, report.samples());
    assertEquals(3, report.badRows());
    assertEquals(3, report.badCells());
    assertEquals(2, report.unorderedRows());
    assertEquals(
        List.of(
            "x.csv:3: no valid time (and 1 more)",
            "x.csv:4: no number in column load (and 2 more)",
            "x.csv:5: not later than the row before (and 1 more)",
            "x.csv:9: no row of values"),
        report.problems());
    assertEquals(
        List.of(1.0, 2.0, 3.0, 5.0, 6.0), samples.stream().map(Sample::timeSeconds).toList());
  }

  @Test
  void refusesAFileWithoutTime() {
    assertEquals(
        List.of("x.csv:1: the header has no column `time`"), read("t,load\n1,1\n").problems());
    for (String none : List.of("", "t,load\n1,1\n", "time,mood\n1,1\n", "time,load\nsoon,1\n")) {
      CsvSeries.Report report = read(none);
      assertFalse(report.whole(), none);
      assertEquals(1, report.problems().size(), none);
    }
    assertTrue(read("time,load\n").whole(), "a recording of nothing is one");
    assertTrue(samples.isEmpty());
  }

  @Test
  void saysThatMillisecondsAreNoSeconds() {
    CsvSeries.Report report = read("time,load\n1700000000000,1\n1700000060000,1\n");
    assertEquals(0, report.samples());
    assertEquals(
        List.of("x.csv:2: no time in seconds; are these milliseconds? (and 1 more)"),
        report.problems());
  }

  @Test
  void goesOnAfterAClockThatWasSetBackOrWasOnceFarTooLate() {
    StringBuilder text = new StringBuilder("time,load\n");
    for (int i = 0; i < 100; i++) {
      text.append(i < 50 ? 10_000 + i : i).append(",1\n");
    }
    CsvSeries.Report back = read(text.toString());
    assertEquals(90, back.samples());
    assertEquals(10, back.unorderedRows());
    assertEquals(99, samples.get(89).timeSeconds());
    StringBuilder reversed = new StringBuilder("time,load\n");
    for (int i = 100; i > 0; i--) {
      reversed.append(i).append(",1\n");
    }
    assertEquals(1, read(reversed.toString()).samples());
  }

  @Test
  void takesNoFigureThatNoMachineHas() {
    CsvSeries.Report report = read("time,rss_anon_bytes\n1,1e300\n2,9e18\n3,1e19\n");
    assertEquals(2, report.badCells());
    assertFalse(samples.get(0).has(Signal.RSS_ANON_BYTES));
    assertTrue(samples.get(1).has(Signal.RSS_ANON_BYTES));
  }

  @Test
  void readsWhatSpreadsheetsWrite() {
    read("\ufeff\"time\",\"incarnation\",\"load\"\r\n\"1\",\"a \"\"b\"\", c\",\"2\"\r\n");
    assertEquals("a \"b\", c", samples.get(0).incarnation());
    assertEquals(2, samples.get(0).get(Signal.LOAD));
  }

  @Test
  void passesOverALineOfAnyLength() {
    CsvSeries.Report report = read("time,load\n1," + "9".repeat(200_000) + "\n2,1\n");
    assertEquals(1, report.badRows());
    assertEquals(1, report.samples());
  }

  @Test
  void readsGzippedFilesAsFarAsTheyGo() throws IOException {
    StringBuilder text = new StringBuilder("time,rss_anon_bytes\n");
    Random random = new Random(1);
    for (int i = 0; i < 25_000; i++) {
      text.append(i * 60).append(',').append(random.nextInt()).append('\n');
    }
    Path file = directory.resolve("series.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(25_000, CsvSeries.read(file, samples::add).samples());
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    CsvSeries.Report cut = CsvSeries.read(file, samples::add);
    assertTrue(cut.samples() > 10_000 && cut.samples() < 14_000, cut::toString);
    assertTrue(cut.problems().get(0).contains("ends too early"), cut::toString);
    assertFalse(cut.whole());
    assertThrows(
        IOException.class, () -> CsvSeries.read(directory.resolve("none.csv"), samples::add));
  }

  @Test
  void readsBackWhatItWrites() {
    Random random = new Random(7);
    EnumSet<Signal> signals = EnumSet.allOf(Signal.class);
    List<LoadSeries> load =
        List.of(
            new LoadSeries("iobuf_block_memory", LoadSeries.Kind.UNDECLARED),
            new LoadSeries("rpc{a=\"1\",b=\"2\"}_*", LoadSeries.Kind.COUNTER),
            new LoadSeries("Sessions", LoadSeries.Kind.GAUGE));
    StringBuilder text = new StringBuilder(CsvSeries.header(signals, load)).append('\n');
    List<Sample> written = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Sample.Builder sample =
          Sample.at(1.79e9 + i + random.nextInt(1000) / 1000.0, "12:\"3\"," + i / 9);
      for (Signal signal : signals) {
        if (random.nextInt(3) > 0) {
          sample.set(
              signal,
              random.nextBoolean() ? random.nextDouble() : random.nextInt(1 << 30) * 4096.0);
        }
      }
      for (LoadSeries series : load) {
        if (random.nextInt(3) > 0) {
          sample.load(series, random.nextInt(1 << 30));
        }
      }
      written.add(sample.build());
      text.append(CsvSeries.row(sample.build(), signals, load)).append('\n');
    }
    assertEquals(300, read(text.toString()).samples());
    for (int i = 0; i < 300; i++) {
      SampleBlockTest.assertSame(written.get(i), samples.get(i));
    }
  }

  @FuzzTest
  void neverFailsWhateverTheBytesAre(byte[] bytes) {
    CsvSeries.Report report = read(bytes);
    assertEquals(samples.size(), report.samples());
    samples.clear();
  }
}
