package io.leakwatch.export.profile;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.leakwatch.heap.MemoryProfile.Frame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a message of pprof: numbers first, and puts names to them at the end, as strings may come
 * last.
 */
final class PprofReader {
  private static final int FRAMES_MAX = 1024;

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
        case PprofFile.SAMPLE -> sample(file);
        case PprofFile.LOCATION -> location(file);
        case PprofFile.FUNCTION -> function(file);
        case PprofFile.STRING -> strings.add(file.readBytes().toString(StandardCharsets.UTF_8));
        case PprofFile.TIME_NANOS -> nanos = file.readInt64();
        case PprofFile.COMMENT -> comment = isPart ? packed(file).get(0) : file.readInt64();
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
            .filter(label -> string(label[1]).equals(PprofFile.OWNER))
            .map(label -> string(label[2]))
            .findFirst()
            .orElse("");
    int last = numbers.values.size() - 1;
    return new HeapProfile.Sample(
        owner, frames, numbers.values.get(last - 1), numbers.values.get(last));
  }
}
