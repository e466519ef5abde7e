package io.leakwatch.kernels;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a guest wrote down: {@code truth NAME TEXT}, {@code said NAME {…}}, {@code late …}, at last
 * {@code done}. Other lines are left out; a name that was not reached has no entry.
 *
 * @param late what did not come in time
 * @param done whether the guest came to its end
 */
record Transcript(
    Map<String, List<String>> truths,
    Map<String, JsonObject> said,
    List<String> late,
    boolean done) {

  static Transcript of(List<String> lines) {
    Map<String, List<String>> truths = new LinkedHashMap<>();
    Map<String, JsonObject> said = new LinkedHashMap<>();
    List<String> late = new ArrayList<>();
    boolean done = false;
    for (String line : lines) {
      String[] words = line.strip().split(" ", 3);
      if (words[0].equals("truth") && words.length > 1) {
        truths
            .computeIfAbsent(words[1], name -> new ArrayList<>())
            .add(words.length > 2 ? words[2] : "");
      } else if (words[0].equals("said") && words.length == 3) {
        try {
          said.put(words[1], JsonParser.parseString(words[2]).getAsJsonObject());
        } catch (JsonParseException e) {
          late.add("not JSON: " + words[1]);
        }
      } else if (words[0].equals("late")) {
        late.add(line.substring("late".length()).strip());
      }
      done |= words[0].equals("done");
    }
    return new Transcript(truths, said, late, done);
  }

  /** The lines of a truth; none where the guest did not come so far. */
  List<String> truth(String name) {
    return truths.getOrDefault(name, List.of());
  }

  /** What follows a word in a truth's lines; {@code ""} where there is none. */
  String truth(String name, String word) {
    return truth(name).stream()
        .filter(line -> line.startsWith(word))
        .map(line -> line.substring(word.length()).strip())
        .findFirst()
        .orElse("");
  }

  /** A figure in kB of {@code smaps_rollup}, in bytes. */
  long rollupBytes(String name, String field) {
    String value = truth(name, field + ":");
    return value.isEmpty() ? -1 : Long.parseLong(value.split(" ")[0]) << 10;
  }

  /** A command's answer: its {@code status} and {@code error}, and {@code text} or {@code json}. */
  JsonObject answer(String check) {
    JsonObject answer = said.get(check);
    if (answer == null) {
      throw new Wrong("", "no answer");
    }
    return answer;
  }

  /** What a command printed. */
  String text(String check) {
    JsonElement text = answer(check).get("text");
    return text == null ? "" : text.getAsString();
  }

  /** What a command printed as JSON. */
  JsonObject json(String check) {
    JsonObject answer = answer(check);
    if (!answer.has("json") || !answer.get("json").isJsonObject()) {
      throw new Wrong(answer.get("error").getAsString(), "no JSON");
    }
    return answer.getAsJsonObject("json");
  }
}
