package io.leakwatch.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** All kernels, one after the other: a test for each, a table for all. */
@Tag("kernels")
class Kernels {
  private static final Path TABLE = Path.of("target", "kernels", "kernels.md");
  private static final Path DOCUMENT = Path.of("src", "docs", "kernels.md");
  private static final Duration TIMEOUT = Duration.ofMinutes(25);

  private static final List<Table.Run> RUNS = new ArrayList<>();

  @TestFactory
  Stream<DynamicTest> everyKernelShouldBeReadTruly() throws IOException {
    String wanted = System.getProperty("leakwatch.kernels", "");
    Set<String> suites =
        Set.of((wanted.isEmpty() ? String.join(",", Kernel.SUITES) : wanted).split(","));
    Guest guest = Guest.pack(Path.of(System.getProperty("leakwatch.jar")));
    return Kernel.SUITES.stream()
        .filter(suites::contains)
        .map(suite -> DynamicTest.dynamicTest(suite, () -> run(suite, guest)));
  }

  private static void run(String suite, Guest guest) throws IOException, InterruptedException {
    Optional<Kernel> kernel = Kernel.ofSuite(suite);
    if (kernel.isEmpty()) {
      RUNS.add(new Table.Run(suite, "", List.of()));
    }
    assumeTrue(kernel.isPresent(), "the kernel of " + suite + " could not be fetched");
    Transcript transcript = guest.boot(kernel.get(), TIMEOUT);
    List<Row> rows = Requirements.judge(transcript);
    RUNS.add(new Table.Run(suite, kernel.get().release(), rows));
    Files.writeString(TABLE, table());
    assertEquals(
        List.of(), rows.stream().filter(row -> !row.right()).toList(), "wrong, see " + TABLE);
    assertTrue(transcript.done(), () -> "the guest did not come to its end: " + transcript.late());
  }

  @AfterAll
  static void writeDocument() throws IOException {
    if (RUNS.stream().filter(run -> !run.skipped()).count() == Kernel.SUITES.size()) {
      Files.writeString(DOCUMENT, table());
    }
  }

  private static String table() {
    return Table.markdown(RUNS, Instant.now().toString().substring(0, 10));
  }
}
