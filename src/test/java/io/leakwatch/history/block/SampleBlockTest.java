package io.leakwatch.history.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

public class SampleBlockTest {
  private static final List<LoadSeries> LOAD =
      List.of(
          new LoadSeries("rpc_server_*_count", LoadSeries.Kind.UNDECLARED),
          new LoadSeries("requests", LoadSeries.Kind.COUNTER),
          new LoadSeries("sessions", LoadSeries.Kind.GAUGE));
  private static final ColumnCodes CODES = codes(Integer.MAX_VALUE);

  /** Codes that leave number 0 free, and know the first columns only. */
  private static ColumnCodes codes(int known) {
    ColumnCodes codes = new ColumnCodes();
    List<Column> columns = new ArrayList<>();
    for (Signal signal : Signal.values()) {
      columns.add(new Column.OfSignal(signal));
    }
    LOAD.forEach(series -> columns.add(new Column.OfLoad(series)));
    for (int i = 0; i < Math.min(known, columns.size()); i++) {
      codes.put(i + 1, columns.get(i));
    }
    return codes;
  }

  public static void assertSame(Sample expected, Sample actual) {
    assertEquals(expected.timeSeconds(), actual.timeSeconds(), 0.001);
    assertEquals(expected.incarnation(), actual.incarnation());
    for (Signal signal : Signal.values()) {
      assertEquals(expected.get(signal), actual.get(signal), signal.column());
    }
    assertEquals(expected.load(), actual.load());
  }

  private static List<Sample> random(Random random, int count) {
    double[] odd = {
      -1, Long.MIN_VALUE, 1L << 53, 1e300, -1e-300, Double.POSITIVE_INFINITY, 0, 0.1, 4096
    };
    double presence = random.nextDouble();
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sample.Builder sample =
          Sample.at(random.nextInt(1 << 30) * 1e3 + random.nextDouble(), "é" + random.nextInt(3));
      for (Signal signal : Signal.values()) {
        if (random.nextDouble() < presence) {
          sample.set(
              signal,
              random.nextInt(50) == 0
                  ? odd[random.nextInt(odd.length)]
                  : random.nextInt(1 << 20) * 4096.0);
        }
      }
      for (LoadSeries series : LOAD) {
        if (random.nextDouble() < presence) {
          sample.load(series, random.nextInt(1 << 20));
        }
      }
      samples.add(sample.build());
    }
    return samples;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 9, 120, SampleBlock.MAX_SAMPLES})
  void givesBackEveryFigureExactly(int count) throws SampleBlock.Damaged {
    List<Sample> samples = random(new Random(count), count);
    List<Sample> back = SampleBlock.decode(SampleBlock.encode(samples, CODES), CODES);
    assertEquals(count, back.size());
    for (int i = 0; i < count; i++) {
      assertSame(samples.get(i), back.get(i));
    }
  }

  @Test
  void passesOverSignalsThatItDoesNotKnow() throws SampleBlock.Damaged {
    List<Sample> samples = random(new Random(5), 10);
    byte[] block = SampleBlock.encode(samples, CODES);
    List<Sample> back = SampleBlock.decode(block, codes(2));
    assertEquals(samples.get(3).get(Signal.RSS_BYTES), back.get(3).get(Signal.RSS_BYTES));
    assertTrue(Double.isNaN(back.get(3).get(Signal.LOAD)));
    assertEquals(Map.of(), back.get(3).load());
  }

  @Test
  void refusesABlockOfWhichOneByteChangedOrTheEndIsMissing() {
    for (int count : List.of(1, 60)) {
      List<Sample> samples = random(new Random(3), count);
      byte[] block = SampleBlock.encode(samples, CODES);
      Random random = new Random(4);
      for (int i = 0; i < 500; i++) {
        byte[] changed = block.clone();
        changed[random.nextInt(block.length)] ^= (byte) (1 << random.nextInt(8));
        assertRefusedOrHarmless(changed, samples);
        byte[] cut = Arrays.copyOf(block, random.nextInt(block.length));
        assertThrows(SampleBlock.Damaged.class, () -> SampleBlock.decode(cut, CODES));
      }
    }
  }

  /** The last bits before the checksum of what is deflated mean nothing. */
  private static void assertRefusedOrHarmless(byte[] block, List<Sample> samples) {
    try {
      List<Sample> back = SampleBlock.decode(block, CODES);
      for (int i = 0; i < samples.size(); i++) {
        assertSame(samples.get(i), back.get(i));
      }
    } catch (SampleBlock.Damaged e) {
      assertTrue(samples.size() > 0);
    }
  }

  @FuzzTest
  void neverFailsOtherwiseThanAsDamaged(byte[] bytes) {
    try {
      assertTrue(SampleBlock.decode(bytes, CODES).size() <= SampleBlock.MAX_SAMPLES);
    } catch (SampleBlock.Damaged e) {
      assertTrue(e.getMessage().length() < 100);
    }
  }
}
