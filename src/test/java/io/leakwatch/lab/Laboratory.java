package io.leakwatch.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.leakwatch.lab.servers.Servers;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** All servers in all phases and with all leaks: a test for each server, a table for all. */
@Tag("lab")
class Laboratory {
  @TestFactory
  Stream<DynamicTest> everyServerShouldBeJudgedTruly() {
    String wanted = System.getProperty("leakwatch.lab", "");
    Set<String> names = wanted.isEmpty() ? Servers.names() : Set.of(wanted.split(","));
    ProgramUnderTest program = ProgramUnderTest.ofProperty();
    return Servers.ALL.stream()
        .filter(server -> names.contains(server.name()))
        .map(server -> DynamicTest.dynamicTest(server.name(), () -> run(server, program)));
  }

  private static void run(Server server, ProgramUnderTest program) {
    String problem = Packages.install(server.installation().packages());
    assertEquals("", problem);
    List<Row> rows = new ArrayList<>();
    Course course =
        new Course(
            server,
            program,
            Integer.getInteger("leakwatch.lab.looks", 1),
            row -> {
              rows.add(row);
              Table.write(server.name(), rows);
            });
    course.healthy(List.of(Phase.values()));
    server.leaks().forEach(course::leaking);
    assertFalse(rows.isEmpty());
    assertEquals(List.of(), wrong(rows), "wrong rows, see target/lab/laboratory.md");
  }

  /** The wrong rows, in a line each. */
  static List<String> wrong(List<Row> rows) {
    return rows.stream()
        .filter(row -> !row.faults().isEmpty())
        .map(row -> row.subject().server() + ", " + row.subject().phase() + ": " + row.faults())
        .toList();
  }
}
