package io.leakwatch.history;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A history file under a program that is newer or older than the one that wrote it. */
class HistoryVersionsTest {
  /** What 0.1.0 recorded of a program that leaks, until it was stopped. */
  private static final String RECORDED = "history-0.1.0.db.gz";

  private static final int SAMPLES = 147;
  private static final double FIRST_BYTES = 3_141_632;
  private static final double LAST_BYTES = 150_441_984;

  @TempDir private Path directory;

  private HistorySettings settings() {
    return SmallHistory.in(directory, 64 << 20, Duration.ofDays(36_500), Duration.ofDays(36_500));
  }

  private Path file() {
    return directory.resolve("history.db");
  }

  @Test
  void shouldReadAndGoOnWithWhatTheFirstReleaseHasWritten() throws IOException {
    try (InputStream recorded = HistoryVersionsTest.class.getResourceAsStream(RECORDED)) {
      assertTrue(recorded != null, RECORDED);
      Files.copy(new GZIPInputStream(recorded), file());
    }
    double next;
    try (HistoryReader reader = HistoryReader.open(file())) {
      HistoryReader.Extent leaky = reader.processes().get(0);
      assertEquals("leaky", leaky.process());
      assertEquals(SAMPLES, leaky.samples());
      next = leaky.lastSeconds() + 1;
      StoredIncident incident = reader.incidents().get(0);
      assertEquals("leaky", incident.process());
      assertTrue(incident.json().contains("\"suspects\""), incident.json());
      assertFalse(reader.changes("leaky").isEmpty());
    }
    try (HistoryStore store = new HistoryStore(settings())) {
      assertEquals(
          new StoreOutcome.Stored(1),
          store.append(next, "leaky", HistoryStoreTest.sample(next, 200 << 20)));
      List<Sample> samples = HistoryStoreTest.read(store, "leaky");
      assertEquals(SAMPLES + 1, samples.size());
      assertEquals(FIRST_BYTES, samples.get(0).get(Signal.RSS_ANON_BYTES));
      assertEquals(LAST_BYTES, samples.get(SAMPLES - 1).get(Signal.RSS_ANON_BYTES));
      assertEquals(1, store.reader().incidents().size());
    }
  }

  @Test
  void shouldLeaveAFileOfANewerFormatAsItIsAndSaySoInOneLine() throws Exception {
    try (HistoryStore store = new HistoryStore(settings())) {
      store.append(1, "mds", HistoryStoreTest.sample(1, 42));
    }
    try (Connection newer = SqliteLibrary.openForWriting(file().toString());
        Statement statement = newer.createStatement()) {
      statement.executeUpdate("ALTER TABLE recent RENAME TO latest");
      statement.executeUpdate("PRAGMA user_version = 2");
    }
    byte[] before = Files.readAllBytes(file());
    String why =
        file()
            + ": written by a newer leakwatch (format 2, this one reads 1): left as it is; install"
            + " the newer one again, or let history.path name another file";

    try (HistoryStore store = new HistoryStore(settings())) {
      StoreOutcome outcome = store.append(2, "mds", HistoryStoreTest.sample(2, 43));
      assertEquals(why, assertInstanceOf(StoreOutcome.Failed.class, outcome).why());
      assertEquals(why, assertThrows(IOException.class, store::reader).getMessage());
    }
    Path configuration = directory.resolve("leakwatch.conf");
    Files.writeString(configuration, "leakwatch.history.path = \"" + file() + "\"\n");
    List<String> option = List.of("--config.file", configuration.toString());
    Tool.Result history = Tool.run("", Launcher.command("history", option.get(0), option.get(1)));
    assertEquals(1, history.status());
    assertEquals("leakwatch: " + why, history.output().strip());
    String check = Tool.run("", Launcher.command("check", option.get(0), option.get(1))).output();
    assertTrue(check.contains("WARN  history " + why), check);
    assertArrayEquals(before, Files.readAllBytes(file()));
    try (Stream<Path> files = Files.list(directory)) {
      assertTrue(files.noneMatch(one -> one.toString().contains("damaged")));
    }
  }
}
