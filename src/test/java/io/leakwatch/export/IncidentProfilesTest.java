package io.leakwatch.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class IncidentProfilesTest {
  private static final Instant NOON = Instant.parse("2026-12-01T12:00:00Z");
  private static final String PATH = "/api/v1/incidents/mds-1";

  private static String diagnosis(String profile, String suspects, Instant at, int number) {
    String base64 = Base64.getEncoder().encodeToString(profile.getBytes(StandardCharsets.US_ASCII));
    String found = "{\"suspects\":[" + suspects + "],\"profile\":\"" + base64 + "\"}";
    return IncidentReport.ofDiagnosis(found, "", at, List.of(), number);
  }

  private static String href(JsonObject shown, String member) {
    return shown.getAsJsonObject(member).get("href").getAsString();
  }

  @Test
  void bothProfilesShouldBeKeptAndLinked() {
    String first = diagnosis("one", "{\"type\":\"Lease\"}", NOON, 1);
    JsonObject alone = IncidentReport.object(IncidentProfiles.linked(first, PATH)).orElseThrow();
    assertEquals(PATH + "/profile-begin.pb.gz", href(alone, "profile_begin"));
    assertFalse(alone.has("profile_difference"));

    String both = IncidentReport.over(first, diagnosis("two", "", NOON.plusSeconds(3600), 2));
    JsonObject shown = IncidentReport.object(IncidentProfiles.linked(both, PATH)).orElseThrow();
    assertEquals(PATH + "/profile-begin.pb.gz", href(shown, "profile_begin"));
    assertEquals(PATH + "/profile-later.pb.gz", href(shown, "profile_later"));
    assertEquals(PATH + "/profile-difference.pb.gz", href(shown, "profile_difference"));
    assertFalse(shown.toString().contains("pprof"), shown::toString);
    assertArrayEquals(
        "one".getBytes(StandardCharsets.US_ASCII), IncidentProfiles.begin(both).orElseThrow());
    assertArrayEquals(
        "two".getBytes(StandardCharsets.US_ASCII), IncidentProfiles.later(both).orElseThrow());
    assertEquals(2, IncidentReport.diagnoses(both));
    assertTrue(IncidentReport.suspect(both).startsWith("Lease"), "the first suspects were lost");
  }

  @Test
  void whatIsNoProfileShouldBeNone() {
    assertTrue(IncidentProfiles.begin("{\"profile_begin\":{\"pprof\":\"?\"}}").isEmpty());
    assertTrue(IncidentProfiles.begin("{\"profile_begin\":7}").isEmpty());
    assertTrue(IncidentProfiles.find("{}", "profile-begin.pb.gz").isEmpty());
    assertTrue(IncidentProfiles.find("{}", "other").isEmpty());
  }
}
