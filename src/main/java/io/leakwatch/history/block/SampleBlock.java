package io.leakwatch.history.block;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Many samples of one process in few bytes.
 *
 * <p>Memory figures change little from minute to minute and are multiples of a page or of a chunk's
 * alignment, and most are absent or constant for hours. So a block is laid out by signal: times as
 * milliseconds, second differences; figures as first differences divided by the largest power of
 * two that divides all of them; both as zigzag variable-length integers (7 bits a byte). A signal
 * with a fraction (the load) is kept as IEEE bits. A signal that is nowhere present takes no space,
 * one that is present now and then has a bitmap. What is left is deflated; zlib's Adler-32 guards
 * it. A single sample is not worth deflating and is guarded by a CRC-32.
 *
 * <p>All figures come back exactly; times come back to the millisecond. A block that was damaged is
 * refused, whatever its bytes: every length in it is checked before it is used.
 */
public final class SampleBlock {
  public static final int MAX_SAMPLES = 4096;
  private static final int MAX_PLAIN_BYTES = 4 << 20;
  private static final int DEFLATE_FROM_SAMPLES = 4;
  private static final byte PLAIN = 1;
  private static final byte DEFLATED = 2;
  private static final byte ALL_PRESENT = 0;
  private static final byte SOME_PRESENT = 1;
  private static final byte IEEE_BITS = 64;
  private static final double MAX_EXACT_INTEGER = 1L << 53;

  private static final List<Column> SIGNALS =
      Arrays.stream(Signal.values()).<Column>map(Column.OfSignal::new).toList();

  private SampleBlock() {}

  /** The block's bytes are not what was written. */
  public static final class Damaged extends Exception {
    Damaged(String what) {
      super(what);
    }
  }

  public static long toMillis(double timeSeconds) {
    return Math.round(timeSeconds * 1000);
  }

  /**
   * Packs samples into a block.
   *
   * @param samples 1 to {@link #MAX_SAMPLES}, of one process
   * @param codes number that stands for each column in this file; a column without one is left out
   */
  public static byte[] encode(List<Sample> samples, ColumnCodes codes) {
    BlockOutput out = new BlockOutput();
    out.varint(samples.size());
    writeTimes(samples, out);
    writeIncarnations(samples, out);
    BlockOutput column = new BlockOutput();
    for (Column figure : columns(samples)) {
      column.clear();
      writeColumn(samples, figure, column);
      if (!column.isEmpty() && codes.of(figure) >= 0) {
        out.varint(codes.of(figure));
        out.block(column);
      }
    }
    byte[] plain = out.toByteArray();
    return samples.size() < DEFLATE_FROM_SAMPLES ? guard(plain) : deflate(plain);
  }

  /** Every signal, and the series of load that are in any of the samples. */
  public static List<Column> columns(Iterable<Sample> samples) {
    List<Column> columns = new ArrayList<>(SIGNALS);
    Set<LoadSeries> load = new TreeSet<>();
    samples.forEach(sample -> load.addAll(sample.load().keySet()));
    load.forEach(series -> columns.add(new Column.OfLoad(series)));
    return columns;
  }

  private static void writeTimes(List<Sample> samples, BlockOutput out) {
    long time = 0;
    long step = 0;
    for (Sample sample : samples) {
      long next = toMillis(sample.timeSeconds());
      long nextStep = next - time;
      out.signed(nextStep - step);
      time = next;
      step = nextStep;
    }
  }

  private static void writeIncarnations(List<Sample> samples, BlockOutput out) {
    for (int first = 0; first < samples.size(); ) {
      String incarnation = samples.get(first).incarnation();
      int next = first + 1;
      while (next < samples.size() && samples.get(next).incarnation().equals(incarnation)) {
        next++;
      }
      byte[] text = incarnation.getBytes(StandardCharsets.UTF_8);
      out.varint(next - first);
      out.varint(text.length);
      out.write(text, text.length);
      first = next;
    }
  }

  private static void writeColumn(List<Sample> samples, Column column, BlockOutput out) {
    int present = 0;
    long bits = 0;
    boolean integral = true;
    for (Sample sample : samples) {
      double value = column.of(sample);
      if (!Double.isNaN(value)) {
        present++;
        integral &= value == Math.rint(value) && Math.abs(value) <= MAX_EXACT_INTEGER;
        bits |= (long) value;
      }
    }
    if (present == 0) {
      return;
    }
    out.write(present == samples.size() ? ALL_PRESENT : SOME_PRESENT);
    if (present < samples.size()) {
      byte[] bitmap = bitmap(samples, column);
      out.write(bitmap, bitmap.length);
    }
    int shift = bits == 0 ? 0 : Long.numberOfTrailingZeros(bits);
    out.write(integral ? shift : IEEE_BITS);
    long previous = 0;
    for (Sample sample : samples) {
      double figure = column.of(sample);
      if (!Double.isNaN(figure) && integral) {
        long value = (long) figure >> shift;
        out.signed(value - previous);
        previous = value;
      } else if (!Double.isNaN(figure)) {
        out.fixed(Double.doubleToRawLongBits(figure));
      }
    }
  }

  private static byte[] bitmap(List<Sample> samples, Column column) {
    byte[] bitmap = new byte[(samples.size() + 7) / 8];
    for (int i = 0; i < samples.size(); i++) {
      if (!Double.isNaN(column.of(samples.get(i)))) {
        bitmap[i / 8] |= (byte) (1 << (i % 8));
      }
    }
    return bitmap;
  }

  private static byte[] guard(byte[] plain) {
    CRC32 crc = new CRC32();
    crc.update(plain);
    return ByteBuffer.allocate(5 + plain.length)
        .put(PLAIN)
        .putInt((int) crc.getValue())
        .put(plain)
        .array();
  }

  private static byte[] deflate(byte[] plain) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(plain);
      deflater.finish();
      // Deflate never grows its input by more than five bytes per 16 KiB and a few at the end.
      byte[] out = new byte[64 + plain.length + plain.length / 1000];
      out[0] = DEFLATED;
      int length = deflater.deflate(out, 1, out.length - 1);
      return Arrays.copyOf(out, 1 + length);
    } finally {
      deflater.end();
    }
  }

  /**
   * Unpacks a block.
   *
   * @param codes the column for each number in this file; the figures of one that this program does
   *     not know are passed over
   */
  public static List<Sample> decode(byte[] block, ColumnCodes codes) throws Damaged {
    BlockInput in = new BlockInput(plain(block));
    int count = in.length(MAX_SAMPLES);
    if (count == 0) {
      throw new Damaged("empty");
    }
    long[] millis = readTimes(in, count);
    List<Sample.Builder> builders = new ArrayList<>(count);
    readIncarnations(in, millis, builders);
    while (!in.atEnd()) {
      int code = in.length(Integer.MAX_VALUE);
      BlockInput column = in.slice();
      Column figure = codes.of(code);
      if (figure != null) {
        readColumn(column, figure, builders);
      }
    }
    return builders.stream().map(Sample.Builder::build).toList();
  }

  private static byte[] plain(byte[] block) throws Damaged {
    if (block.length < 5 || (block[0] != PLAIN && block[0] != DEFLATED)) {
      throw new Damaged("unknown form");
    }
    if (block[0] == PLAIN) {
      CRC32 crc = new CRC32();
      crc.update(block, 5, block.length - 5);
      if (ByteBuffer.wrap(block).getInt(1) != (int) crc.getValue()) {
        throw new Damaged("checksum");
      }
      return Arrays.copyOfRange(block, 5, block.length);
    }
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(block, 1, block.length - 1);
      ByteArrayOutputStream out = new ByteArrayOutputStream(4 * block.length);
      byte[] buffer = new byte[4096];
      while (!inflater.finished()) {
        int length = inflater.inflate(buffer);
        out.write(buffer, 0, length);
        if ((length == 0 && !inflater.finished()) || out.size() > MAX_PLAIN_BYTES) {
          throw new Damaged("deflated data");
        }
      }
      return out.toByteArray();
    } catch (DataFormatException e) {
      throw new Damaged("deflated data");
    } finally {
      inflater.end();
    }
  }

  private static long[] readTimes(BlockInput in, int count) throws Damaged {
    long[] millis = new long[count];
    long time = 0;
    long step = 0;
    for (int i = 0; i < count; i++) {
      step += in.signed();
      time += step;
      millis[i] = time;
    }
    return millis;
  }

  private static void readIncarnations(BlockInput in, long[] millis, List<Sample.Builder> builders)
      throws Damaged {
    while (builders.size() < millis.length) {
      int run = in.length(millis.length - builders.size());
      if (run == 0) {
        throw new Damaged("empty run");
      }
      String incarnation = in.slice().text();
      for (int i = 0; i < run; i++) {
        builders.add(Sample.at(millis[builders.size()] / 1000.0, incarnation));
      }
    }
  }

  private static void readColumn(BlockInput in, Column column, List<Sample.Builder> builders)
      throws Damaged {
    byte[] bitmap = in.next() == ALL_PRESENT ? null : in.bytes((builders.size() + 7) / 8);
    int shift = in.next();
    if (shift < 0 || shift > IEEE_BITS) {
      throw new Damaged("shift");
    }
    long previous = 0;
    for (int i = 0; i < builders.size(); i++) {
      if (bitmap == null || ((bitmap[i / 8] >> (i % 8)) & 1) != 0) {
        if (shift == IEEE_BITS) {
          column.set(builders.get(i), Double.longBitsToDouble(in.fixed()));
        } else {
          previous += in.signed();
          column.set(builders.get(i), (double) (previous << shift));
        }
      }
    }
  }
}
