package io.leakwatch.export.profile;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.text.Quantity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A heap profile in pprof's format: a gzip-compressed protobuf message (proto/profile.proto of
 * github.com/google/pprof). The sample types are those of Go's own heap profiles, so that tools
 * know them: {@code inuse_objects} in {@code count}, {@code inuse_space} in {@code bytes}. Each
 * sample has the label {@code owner}.
 *
 * <p>Of what is read only that is taken: the last value of each sample as its bytes, the one before
 * as its objects, and stacks by names. Profiles of Go's own can be read, too.
 */
public final class PprofFile {
  private static final int SAMPLE_TYPE = 1;
  private static final int SAMPLE = 2;
  private static final int LOCATION = 4;
  private static final int FUNCTION = 5;
  private static final int STRING = 6;
  private static final int TIME_NANOS = 9;
  private static final int COMMENT = 13;
  private static final int DEFAULT_SAMPLE_TYPE = 14;
  private static final String OWNER = "owner";
  private static final int BYTES_MAX = 64 << 20;
  private static final int FRAMES_MAX = 1024;

  private PprofFile() {}

  /** Writes one. */
  public static byte[] of(HeapProfile profile) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(bytes)) {
      CodedOutputStream out = CodedOutputStream.newInstance(packed);
      new Writer(out).write(profile);
      out.flush();
    }
    return bytes.toByteArray();
  }

  /** Writes one of at most so many bytes: without what takes least, where it would be larger. */
  public static byte[] of(HeapProfile profile, int bytesMax) {
    try {
      byte[] whole = of(profile);
      int samples = profile.samples().size();
      while (whole.length > bytesMax && samples > 1) {
        samples /= 2;
        whole =
            of(
                new HeapProfile(
                    profile.process(), profile.time(), profile.samples().subList(0, samples)));
      }
      return whole;
    } catch (IOException e) {
      throw new IllegalStateException("a profile cannot be written to memory", e);
    }
  }

  /** A part of a message, which is a message itself. */
  @FunctionalInterface
  private interface Part {
    void write(CodedOutputStream out) throws IOException;
  }

  private static void part(CodedOutputStream out, int field, Part part) throws IOException {
    ByteString.Output bytes = ByteString.newOutput();
    CodedOutputStream inner = CodedOutputStream.newInstance(bytes);
    part.write(inner);
    inner.flush();
    out.writeBytes(field, bytes.toByteString());
  }

  /** Numbers strings, functions and places as they come. */
  private static final class Writer {
    private final CodedOutputStream out;
    private final Map<String, Integer> strings = new LinkedHashMap<>(Map.of("", 0));
    private final Map<List<String>, Integer> functions = new HashMap<>();
    private final Map<Frame, Integer> locations = new HashMap<>();

    Writer(CodedOutputStream out) {
      this.out = out;
    }

    private int string(String text) {
      return strings.computeIfAbsent(text, t -> strings.size());
    }

    void write(HeapProfile profile) throws IOException {
      type("inuse_objects", "count");
      type("inuse_space", "bytes");
      int owner = string(OWNER);
      for (HeapProfile.Sample sample : profile.samples()) {
        long[] stack = new long[sample.frames().size()];
        for (int i = 0; i < stack.length; i++) {
          stack[i] = location(sample.frames().get(i));
        }
        int name = string(sample.owner());
        part(
            out,
            SAMPLE,
            in -> {
              for (long place : stack) {
                in.writeUInt64(1, place);
              }
              in.writeInt64(2, sample.objects());
              in.writeInt64(2, sample.bytes());
              part(
                  in,
                  3,
                  label -> {
                    label.writeInt64(1, owner);
                    label.writeInt64(2, name);
                  });
            });
      }
      out.writeInt64(TIME_NANOS, ChronoUnit.NANOS.between(Instant.EPOCH, profile.time()));
      out.writeInt64(COMMENT, string(profile.process()));
      out.writeInt64(DEFAULT_SAMPLE_TYPE, string("inuse_space"));
      for (String text : strings.keySet()) {
        out.writeString(STRING, text);
      }
    }

    private void type(String name, String unit) throws IOException {
      int number = string(name);
      int of = string(unit);
      part(
          out,
          SAMPLE_TYPE,
          in -> {
            in.writeInt64(1, number);
            in.writeInt64(2, of);
          });
    }

    private int location(Frame frame) throws IOException {
      Integer known = locations.get(frame);
      if (known != null) {
        return known;
      }
      int id = locations.size() + 1;
      locations.put(frame, id);
      int function = function(frame);
      part(
          out,
          LOCATION,
          in -> {
            in.writeUInt64(1, id);
            part(
                in,
                4,
                line -> {
                  line.writeUInt64(1, function);
                  line.writeInt64(2, frame.line());
                });
          });
      return id;
    }

    private int function(Frame frame) throws IOException {
      List<String> key = List.of(frame.name(), frame.file());
      Integer known = functions.get(key);
      if (known != null) {
        return known;
      }
      int id = functions.size() + 1;
      functions.put(key, id);
      int name = string(frame.name());
      int file = string(frame.file());
      part(
          out,
          FUNCTION,
          in -> {
            in.writeUInt64(1, id);
            in.writeInt64(2, name);
            in.writeInt64(3, name);
            in.writeInt64(4, file);
          });
      return id;
    }
  }

  /**
   * Reads one.
   *
   * @throws IOException where it is no such file; the message says what is wrong
   */
  public static HeapProfile read(InputStream file) throws IOException {
    return read(file, BYTES_MAX);
  }

  /** The same of one that has so many bytes at most when it is unpacked. */
  public static HeapProfile read(InputStream file, int bytesMax) throws IOException {
    byte[] message;
    try (GZIPInputStream unpacked = new GZIPInputStream(file)) {
      message = unpacked.readNBytes(bytesMax + 1);
    }
    if (message.length > bytesMax) {
      throw new IOException("more than " + Quantity.exact(bytesMax));
    }
    return new Reader().read(CodedInputStream.newInstance(new ByteArrayInputStream(message)));
  }

  /** Reads numbers first and puts names to them at the end: strings may come last. */
  private static final class Reader {
    private final List<String> strings = new ArrayList<>();
    private final Map<Long, long[]> functions = new HashMap<>();
    private final Map<Long, List<long[]>> locations = new HashMap<>();
    private final List<Numbers> samples = new ArrayList<>();
    private long nanos;
    private long comment;

    /** A sample by the numbers of its places. */
    private record Numbers(List<Long> places, List<Long> values, List<long[]> labels) {}

    /** A field of a message; what is not wanted is skipped. */
    @FunctionalInterface
    private interface Field {
      boolean read(int number, CodedInputStream in) throws IOException;
    }

    private static void each(CodedInputStream in, Field field) throws IOException {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (!field.read(WireFormat.getTagFieldNumber(tag), in)) {
          in.skipField(tag);
        }
      }
    }

    private static void part(CodedInputStream in, Field field) throws IOException {
      int before = in.pushLimit(in.readRawVarint32());
      each(in, field);
      in.popLimit(before);
    }

    HeapProfile read(CodedInputStream file) throws IOException {
      for (int tag = file.readTag(); tag != 0; tag = file.readTag()) {
        boolean isPart = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        switch (WireFormat.getTagFieldNumber(tag)) {
          case SAMPLE -> sample(file);
          case LOCATION -> location(file);
          case FUNCTION -> function(file);
          case STRING -> strings.add(file.readBytes().toString(StandardCharsets.UTF_8));
          case TIME_NANOS -> nanos = file.readInt64();
          case COMMENT -> comment = isPart ? packed(file).get(0) : file.readInt64();
          default -> file.skipField(tag);
        }
      }
      List<HeapProfile.Sample> named = new ArrayList<>();
      for (Numbers numbers : samples) {
        HeapProfile.Sample sample = named(numbers);
        if (sample.objects() != 0 || sample.bytes() != 0) { // Go's own tell what was freed, too.
          named.add(sample);
        }
      }
      return new HeapProfile(string(comment), Instant.ofEpochSecond(0, nanos), named);
    }

    /** Of one field, several numbers in one piece. */
    private static List<Long> packed(CodedInputStream in) throws IOException {
      List<Long> numbers = new ArrayList<>();
      int before = in.pushLimit(in.readRawVarint32());
      while (!in.isAtEnd()) {
        numbers.add(in.readInt64());
      }
      in.popLimit(before);
      return numbers.isEmpty() ? List.of(0L) : numbers;
    }

    private void sample(CodedInputStream file) throws IOException {
      Numbers numbers = new Numbers(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      int before = file.pushLimit(file.readRawVarint32());
      for (int tag = file.readTag(); tag != 0; tag = file.readTag()) {
        boolean isPacked = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 1 -> numbers.places.addAll(isPacked ? packed(file) : List.of(file.readInt64()));
          case 2 -> numbers.values.addAll(isPacked ? packed(file) : List.of(file.readInt64()));
          case 3 -> numbers.labels.add(numbers(file, 2));
          default -> file.skipField(tag);
        }
      }
      file.popLimit(before);
      samples.add(numbers);
    }

    /** The numbers of a message's fields 1 to {@code most}. */
    private static long[] numbers(CodedInputStream in, int most) throws IOException {
      long[] numbers = new long[most + 1];
      part(
          in,
          (number, field) -> {
            if (number <= most) {
              numbers[number] = field.readInt64();
            }
            return number <= most;
          });
      return numbers;
    }

    private void location(CodedInputStream file) throws IOException {
      List<long[]> lines = new ArrayList<>();
      long[] id = {0};
      part(
          file,
          (number, in) -> {
            if (number == 1) {
              id[0] = in.readUInt64();
            } else if (number == 4) {
              lines.add(numbers(in, 2));
            }
            return number == 1 || number == 4;
          });
      locations.put(id[0], lines);
    }

    private void function(CodedInputStream file) throws IOException {
      long[] numbers = numbers(file, 5);
      functions.put(numbers[1], numbers);
    }

    private String string(long number) {
      return number >= 0 && number < strings.size() ? strings.get((int) number) : "";
    }

    private HeapProfile.Sample named(Numbers numbers) throws IOException {
      if (numbers.values.size() < 2) {
        throw new IOException("no heap profile: a sample has fewer than two values");
      }
      List<Frame> frames = new ArrayList<>();
      for (long place : numbers.places) {
        for (long[] line : locations.getOrDefault(place, List.of())) {
          long[] function = functions.get(line[1]);
          if (function != null && frames.size() < FRAMES_MAX) {
            frames.add(new Frame(string(function[2]), string(function[4]), (int) line[2]));
          }
        }
      }
      String owner =
          numbers.labels.stream()
              .filter(label -> string(label[1]).equals(OWNER))
              .map(label -> string(label[2]))
              .findFirst()
              .orElse("");
      int last = numbers.values.size() - 1;
      return new HeapProfile.Sample(
          owner, frames, numbers.values.get(last - 1), numbers.values.get(last));
    }
  }
}
