package io.leakwatch.export.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The description of the API against what a real agent answers; it allows no field that it lacks.
 */
@Tag("acceptance")
class OpenApiTest {
  private static final String TARGETS =
      """
      targets = [ { name = leaking, program = leak_threads } ]
      sampling.watch-self = true
      diagnosis.on-alert = true
      diagnosis.span = 2s
      """;

  @TempDir private Path directory;

  private static String get(AgentProcess agent, String path) throws IOException {
    return new String(agent.bytes("/api/v1" + path), StandardCharsets.UTF_8);
  }

  @Test
  void everyAnswerShouldBeAsItIsDescribed() throws IOException {
    List<String> faults = new ArrayList<>();
    try (AgentProcess agent = AgentProcess.run(AgentProcess.fastConfiguration(directory, TARGETS));
        CTarget leaking = CTarget.start("leak_threads", "4", "4000000", "400")) {
      leaking.awaitLine("ready");
      String id =
          agent
              .awaitIncident(
                  "a diagnosis", one -> one.getAsJsonObject("report").has("profile_begin"))
              .get("id")
              .getAsString();
      JsonObject description =
          JsonParser.parseString(get(agent, "/openapi.json")).getAsJsonObject();
      Set<String> asked = new TreeSet<>();
      for (String path : description.getAsJsonObject("paths").keySet()) {
        String name = path.contains("{profile}") ? "profile-begin.pb.gz" : "";
        String filled =
            path.replace("{name}", "leaking").replace("{id}", id).replace("{profile}", name);
        String answer = get(agent, filled);
        JsonElement schema =
            description
                .getAsJsonObject("paths")
                .getAsJsonObject(path)
                .getAsJsonObject("get")
                .getAsJsonObject("responses")
                .getAsJsonObject("200")
                .getAsJsonObject("content")
                .getAsJsonObject("application/json");
        if (schema == null) {
          assertTrue(answer.length() > 100, path);
        } else {
          JsonObject whole = schema.getAsJsonObject().getAsJsonObject("schema").deepCopy();
          whole.add("components", description.get("components"));
          check(whole, answer).forEach(fault -> faults.add(path + " " + fault));
        }
        asked.add(path);
      }
      assertTrue(asked.size() > 10, asked::toString);
      String wrong = get(agent, "/processes/leakwatch");
      assertTrue(
          !check(with(description, "Layout"), wrong).isEmpty(), "the check finds no fault at all");
    }
    assertEquals(List.of(), faults);
  }

  private static JsonObject with(JsonObject description, String name) {
    JsonObject schema = new JsonObject();
    schema.addProperty("$ref", "#/components/schemas/" + name);
    schema.add("components", description.get("components"));
    return schema;
  }

  private static List<String> check(JsonObject schema, String answer) {
    JsonSchema described =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema.toString());
    return described.validate(answer, InputFormat.JSON).stream()
        .map(fault -> fault.getMessage())
        .limit(20)
        .toList();
  }
}
