package io.leakwatch.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * All kernels, one after the other: a test for each, a table for all that were run since {@code
 * target/kernels} was emptied. The document is written where none is missing.
 */
@Tag("kernels")
class Kernels {
  private static final Path TABLE = Path.of("target", "kernels", "kernels.md");
  private static final Path DOCUMENT = Path.of("src", "docs", "kernels.md");
  private static final Duration TIMEOUT = Duration.ofMinutes(25);

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
    assumeTrue(kernel.isPresent(), "the kernel of " + suite + " could not be fetched");
    guest.boot(kernel.get(), TIMEOUT);
    Transcript transcript = Guest.transcript(suite).orElseThrow();
    List<Row> rows = Requirements.judge(transcript);
    assertEquals(
        List.of(), rows.stream().filter(row -> !row.right()).toList(), "wrong, see " + TABLE);
    assertTrue(transcript.done(), () -> "the guest did not come to its end: " + transcript.late());
  }

  @AfterAll
  static void writeTable() throws IOException {
    List<Table.Run> runs = new ArrayList<>();
    for (String suite : Kernel.SUITES) {
      Optional<Transcript> said = Guest.transcript(suite);
      if (said.isPresent()) {
        runs.add(Table.Run.of(suite, Guest.date(suite), said.get()));
      } else if (Kernel.ofSuite(suite).isEmpty()) {
        runs.add(Table.Run.skipped(suite));
      }
    }
    String table = Table.markdown(runs);
    Files.writeString(TABLE, table);
    if (runs.stream().filter(run -> !run.isSkipped()).count() == Kernel.SUITES.size()) {
      Files.writeString(DOCUMENT, table);
    }
  }
}
