package io.leakwatch.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.lab.servers.Servers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A healthy server and one with a planted leak, so that the laboratory itself stays alive. */
@Tag("acceptance")
class LaboratorySmokeTest {
  @Test
  void redisUnderSteadyLoadShouldBeJudgedTruly() {
    Server redis = installed("redis");
    List<Row> rows = new ArrayList<>();
    new Course(redis, ProgramUnderTest.ofProperty(), 1, rows::add).healthy(List.of(Phase.STEADY));
    assertRight(rows);
  }

  @Test
  void leakOfMemcachedShouldBeToldTruly() {
    Server memcached = installed("memcached");
    List<Row> rows = new ArrayList<>();
    new Course(memcached, ProgramUnderTest.ofProperty(), 1, rows::add)
        .leaking(memcached.leaks().get(0));
    assertRight(rows);
  }

  private static void assertRight(List<Row> rows) {
    assertEquals(1, rows.size());
    assertEquals(List.of(), Laboratory.wrong(rows), rows::toString);
  }

  private static Server installed(String name) {
    Server server =
        Servers.ALL.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    List<String> missing = Packages.missing(server.installation().packages());
    assumeTrue(missing.isEmpty(), "not installed: " + String.join(" ", missing));
    return server;
  }
}
