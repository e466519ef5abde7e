package io.leakwatch.kernels;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.leakwatch.Main;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

/**
 * Runs in the guest: commands of leakwatch one after the other in one JVM, whose start takes
 * longest in a machine that is emulated. A line of standard input is a name and the words of a
 * command; the answer is a line {@code said NAME {…}}. It knows nothing of the rest of the tests
 * and needs the program's jar alone.
 */
final class GuestCommands {
  /** Long parts of what the program says that no check looks at. */
  private static final Set<String> LEFT_OUT =
      Set.of("strips", "census", "suspects", "owners", "pin", "reads");

  private static final int TEXT_MAX = 4_000;

  private GuestCommands() {}

  /** Ends with its standard input. */
  public static void main(String... none) throws IOException {
    PrintStream answers = System.out;
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    answers.println("ready");
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.strip().split(" +", -1);
      answers.println(
          "said " + words[0] + " " + answer(Arrays.copyOfRange(words, 1, words.length)));
      answers.flush();
    }
  }

  private static JsonObject answer(String... command) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream failed = new ByteArrayOutputStream();
    JsonObject answer = new JsonObject();
    long begin = System.nanoTime();
    try {
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(failed, true, StandardCharsets.UTF_8));
      answer.addProperty("status", Main.execute(command));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    answer.addProperty("millis", Duration.ofNanos(System.nanoTime() - begin).toMillis());
    String text = said.toString(StandardCharsets.UTF_8);
    try {
      answer.add("json", brief(JsonParser.parseString(text)));
    } catch (JsonParseException e) {
      answer.addProperty("text", start(text));
    }
    answer.addProperty("error", start(failed.toString(StandardCharsets.UTF_8)));
    return answer;
  }

  private static String start(String text) {
    return text.substring(0, Math.min(text.length(), TEXT_MAX));
  }

  private static JsonElement brief(JsonElement element) {
    if (element.isJsonObject()) {
      element.getAsJsonObject().keySet().removeAll(LEFT_OUT);
      element.getAsJsonObject().asMap().values().forEach(GuestCommands::brief);
    } else if (element.isJsonArray()) {
      element.getAsJsonArray().forEach(GuestCommands::brief);
    }
    return element;
  }
}
