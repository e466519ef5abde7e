package io.leakwatch.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which rows are wrong, and that right ones are not called so. */
class RequirementsTest {
  private static final Server.Memory REDIS = new Server.Memory("jemalloc", Set.of("jemalloc"));
  private static final Server.Leak LEAK =
      Server.Leak.byClient("a leak", REDIS, "it leaks", "sleep 1");
  private static final String PAGES =
      "{'chunk_bytes':4096,'bytes_growth':900000,'type':'x','kind':'jemalloc',"
          + "'unreferenced_fraction':%s}";

  @Test
  void growthWithoutAWordOfLossShouldBeRightInHealth() {
    assertEquals(
        List.of(), Requirements.healthy(REDIS, look("growing", PAGES.formatted("null"), "load")));
  }

  @Test
  void growingShouldBeWrongOfWhatDidNotGrow() {
    Look level = growing(1_000_000, new Look.Measured("", "", 0, -1));
    assertEquals(
        List.of(
            "diagnose: growing by +976 KiB, grown +0 KiB",
            "daemon: growing, grown -0.0 MiB in the phase"),
        Requirements.healthy(REDIS, level));
    assertFalse(Requirements.rightInHealth(level));
    Look little = growing(1_000_000, new Look.Measured("", "", 400_000, 1));
    assertEquals(
        List.of("diagnose: growing by +976 KiB, grown +390 KiB"),
        Requirements.healthy(REDIS, little));
  }

  @Test
  void growingShouldBeRightByTheKernelsOrTheServersOwnFigures() {
    Look.Measured kernel = new Look.Measured("", "", 600_000, 600_000);
    assertEquals(List.of(), Requirements.healthy(REDIS, growing(1_000_000, kernel)));
    Look.Measured own = new Look.Measured("used:1.5e6 of 7", "used:2500000 of 7", 0, 1);
    assertEquals(List.of(), Requirements.healthy(REDIS, growing(1_000_000, own)));
  }

  private static Look growing(long statedBytes, Look.Measured measured) {
    Look look = look("growing", "", "growing");
    look.diagnosis().addProperty("growth_bytes_per_second", statedBytes);
    look.diagnosis().addProperty("span_seconds", 1);
    return new Look(look.before(), look.diagnosis(), look.after(), look.daemon(), measured);
  }

  @Test
  void leakShouldBeWrongInHealth() {
    List<String> faults = Requirements.healthy(REDIS, look("leak", "", "leak"));
    assertEquals(
        List.of("diagnose: leak in a healthy phase", "daemon: leak in a healthy phase"), faults);
  }

  @Test
  void pagesShouldNotBeCalledUnreferenced() {
    assertEquals(
        List.of("unreferenced stated of 1 suspects whose objects are not known"),
        Requirements.healthy(REDIS, look("steady", PAGES.formatted("1"), "steady")));
  }

  @Test
  void chunksShouldNotBeLostInHealthButMayBeInALeak() {
    String lost = PAGES.formatted("0.8").replace("jemalloc", "malloc");
    assertEquals(1, Requirements.healthy(REDIS, look("growing", lost, "steady")).size());
    assertEquals(List.of(), Requirements.planted(REDIS, LEAK, look("leak", lost, "growing")));
  }

  @Test
  void suspectsShouldNotGrowByMoreThanTheProcess() {
    String much = PAGES.formatted("null").replace("900000", "90000000");
    assertEquals(
        List.of("suspects +85.8 MiB, grown +2.0 MiB"),
        Requirements.healthy(REDIS, look("growing", much, "steady")));
  }

  @Test
  void leakShouldBeToldByBothAndWithItsOwner() {
    assertEquals(List.of(), Requirements.planted(REDIS, LEAK, look("growing", "", "leak")));
    assertEquals(2, Requirements.planted(REDIS, LEAK, look("steady", "", "warming")).size());
    Server.Leak elsewhere =
        Server.Leak.byClient("another", Server.Memory.GO, "it leaks", "sleep 1");
    assertEquals(
        List.of("diagnose: leak, most growth in jemalloc"),
        Requirements.planted(REDIS, elsewhere, look("leak", "", "leak")));
  }

  @Test
  void anotherAllocatorShouldBeWrong() {
    List<String> faults = Requirements.healthy(Server.Memory.GO, look("steady", "", "steady"));
    assertTrue(faults.contains("inspect: [jemalloc] instead of go"), faults::toString);
  }

  @Test
  void memoryThatNothingExplainsShouldBeWrong() {
    Look look = look("steady", "", "steady");
    JsonObject after = json("{'allocators':['jemalloc'],'unexplained_bytes':30,'rss_bytes':1000}");
    assertEquals(
        List.of("inspect: 3.0 % of the resident memory is unexplained"),
        Requirements.healthy(
            REDIS,
            new Look(look.before(), look.diagnosis(), after, look.daemon(), look.measured())));
  }

  @Test
  void calibrationShouldCountWhatIsTrueByConfidence() {
    Row.Subject subject = new Row.Subject("redis", "7", "jemalloc", "idle", "healthy");
    Row right = Row.of(subject, look("growing", "", ""), List.of(), true);
    Row wrong = Row.of(subject, look("leak", "", ""), List.of("wrong"), false);
    Row silent = Row.of(subject, look("unknown", "", ""), List.of(), true);
    assertEquals(
        List.of(new Calibration.Bin(0.9, 0.95, 3, 2, 0.9)),
        Calibration.of(List.of(right, wrong, right, silent)).bins().stream()
            .map(bin -> new Calibration.Bin(bin.from(), bin.to(), bin.verdicts(), bin.right(), 0.9))
            .toList());
  }

  /** Two MiB of growth. */
  private static Look look(String verdict, String suspects, String daemon) {
    JsonObject before = json("{'allocators':['jemalloc']}");
    JsonObject diagnosis =
        json(
            "{'verdict':'%s','confidence':0.9,'reasons':[],'growth':{'jemalloc':9,'file':1},"
                    .formatted(verdict)
                + "'suspects':["
                + suspects
                + "]}");
    return new Look(before, diagnosis, before, daemon, new Look.Measured("", "", 2 << 20, 2 << 20));
  }

  private static JsonObject json(String text) {
    return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
  }
}
