package io.leakwatch.export.table;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.leakwatch.heap.HeapStrip;
import io.leakwatch.heap.HeapStrips;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/** Takes the heaps out of what {@code /api/v1/processes/NAME/heap} answers. */
public final class StripReader {
  private static final int STRIPS_MAX = 512;

  private final List<HeapStrip> strips = new ArrayList<>();
  private int omitted;

  private StripReader() {}

  /**
   * Reads the answer as it comes; what is not shown is not kept.
   *
   * @throws IOException also where it is something else
   */
  public static HeapStrips read(Reader text) throws IOException {
    StripReader reader = new StripReader();
    try {
      JsonReader json = new JsonReader(text);
      json.beginObject();
      while (json.hasNext()) {
        if (json.nextName().equals("ptmalloc")) {
          reader.ptmalloc(json);
        } else {
          json.skipValue();
        }
      }
      json.endObject();
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new IOException("the answer does not come from leakwatch: " + e.getMessage(), e);
    }
    return new HeapStrips(reader.strips, reader.omitted);
  }

  private void ptmalloc(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "strips" -> {
          json.beginArray();
          while (json.hasNext()) {
            strip(json);
          }
          json.endArray();
        }
        case "strips_omitted" -> omitted += json.nextInt();
        default -> json.skipValue();
      }
    }
    json.endObject();
  }

  private void strip(JsonReader json) throws IOException {
    int arena = 0;
    long address = 0;
    long cellBytes = HeapStrip.CELL_BYTES_MIN;
    String cells = "";
    int pin = -1;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "arena" -> arena = json.nextInt();
        case "address" -> address = Long.decode(json.nextString());
        case "cell_bytes" -> cellBytes = json.nextLong();
        case "cells" -> cells = json.nextString();
        case "pin_cell" -> {
          if (json.peek() == JsonToken.NULL) {
            json.nextNull();
          } else {
            pin = json.nextInt();
          }
        }
        default -> json.skipValue();
      }
    }
    json.endObject();
    if (cells.length() > HeapStrip.CELLS_MAX
        || !cells.chars().allMatch(cell -> HeapStrip.isCell((char) cell))) {
      throw new IOException("cells of a heap that are none");
    }
    if (strips.size() < STRIPS_MAX) {
      strips.add(new HeapStrip(arena, address, cellBytes, cells, pin));
    } else {
      omitted++;
    }
  }
}
