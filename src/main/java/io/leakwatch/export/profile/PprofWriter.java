package io.leakwatch.export.profile;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.leakwatch.heap.MemoryProfile.Frame;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a profile as a message of pprof: numbers strings, functions and places as they come. */
final class PprofWriter {
  private final CodedOutputStream out;
  private final Map<String, Integer> strings = new LinkedHashMap<>(Map.of("", 0));
  private final Map<List<String>, Integer> functions = new HashMap<>();
  private final Map<Frame, Integer> locations = new HashMap<>();

  PprofWriter(CodedOutputStream out) {
    this.out = out;
  }

  private int string(String text) {
    return strings.computeIfAbsent(text, t -> strings.size());
  }

  void write(HeapProfile profile) throws IOException {
    type("inuse_objects", "count");
    type("inuse_space", "bytes");
    int owner = string(PprofFile.OWNER);
    for (HeapProfile.Sample sample : profile.samples()) {
      long[] stack = new long[sample.frames().size()];
      for (int i = 0; i < stack.length; i++) {
        stack[i] = location(sample.frames().get(i));
      }
      int name = string(sample.owner());
      part(
          out,
          PprofFile.SAMPLE,
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
    out.writeInt64(PprofFile.TIME_NANOS, ChronoUnit.NANOS.between(Instant.EPOCH, profile.time()));
    out.writeInt64(PprofFile.COMMENT, string(profile.process()));
    out.writeInt64(PprofFile.DEFAULT_SAMPLE_TYPE, string("inuse_space"));
    for (String text : strings.keySet()) {
      out.writeString(PprofFile.STRING, text);
    }
  }

  private void type(String name, String unit) throws IOException {
    int number = string(name);
    int of = string(unit);
    part(
        out,
        PprofFile.SAMPLE_TYPE,
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
        PprofFile.LOCATION,
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
        PprofFile.FUNCTION,
        in -> {
          in.writeUInt64(1, id);
          in.writeInt64(2, name);
          in.writeInt64(3, name);
          in.writeInt64(4, file);
        });
    return id;
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
}
