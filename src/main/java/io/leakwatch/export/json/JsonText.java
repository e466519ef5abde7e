package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** JSON written into a string. */
final class JsonText {
  private JsonText() {}

  /** What is to be written. */
  @FunctionalInterface
  interface Content {
    void writeTo(JsonWriter json) throws IOException;
  }

  /** In one line, without a line end. */
  static String compact(Content content) {
    return text("", content);
  }

  /** Indented, without a line end. */
  static String indented(Content content) {
    return text("  ", content);
  }

  private static String text(String indent, Content content) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent(indent);
      content.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
