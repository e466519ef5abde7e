package io.leakwatch.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import io.leakwatch.sample.ObservedChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the history file keeps of changes. */
class ChangeTableTest {
  private static final double NOW = 1_790_000_000;

  @TempDir Path directory;

  private HistorySettings settings(long maxBytes) {
    return SmallHistory.in(directory, maxBytes);
  }

  private static ObservedChange change(
      String process, double time, Kind kind, String what, @Nullable String before) {
    return new ObservedChange(process, new Change(time, kind, what, before), "state of " + what);
  }

  private static void store(HistoryStore store, ObservedChange... changes) {
    assertInstanceOf(StoreOutcome.Stored.class, store.appendAll(NOW, List.of(), List.of(changes)));
  }

  @Test
  void changesShouldComeBackInOrderWithTheRestartsOfOthers() throws IOException {
    ObservedChange first = change("mds", NOW - 100, Kind.BUILD, "91bc", null);
    ObservedChange second = change("mds", NOW - 10.25, Kind.BUILD, "3f2a", "91bc");
    try (HistoryStore store = new HistoryStore(settings(64 << 20))) {
      store(
          store,
          second,
          change("etcd", NOW - 200, Kind.RESTART, "", null),
          change("etcd", NOW - 20, Kind.RESTART, "", ""),
          change("etcd", NOW - 15, Kind.BUILD, "77", "66"),
          first);
      store(store, change("mds", NOW - 5, Kind.COMMAND_LINE, "--size", ""));
    }
    try (HistoryStore store = new HistoryStore(settings(64 << 20));
        HistoryReader reader = store.reader()) {
      assertEquals(
          List.of(
              first.change(),
              new Change(NOW - 20, Kind.OTHER_RESTART, "etcd", ""),
              second.change(),
              new Change(NOW - 5, Kind.COMMAND_LINE, "--size", "")),
          reader.changes("mds"));
      List<ObservedChange> newest = new ArrayList<>(reader.newestChanges());
      assertEquals(4, newest.size());
      assertTrue(newest.contains(second), newest::toString);
      assertEquals("state of 3f2a", second.state());
    }
  }

  @Test
  void aFileFromBeforeThereWereChangesShouldBeReadAndThenGetThem()
      throws IOException, SQLException {
    Path file = directory.resolve("history.db");
    try (HistoryStore store = new HistoryStore(settings(64 << 20))) {
      store.append(NOW, "mds", HistoryStoreTest.sample(NOW, 4096));
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("DROP TABLE change");
    }
    try (HistoryReader reader = HistoryReader.open(file)) {
      assertEquals(List.of(), reader.changes("mds"));
      assertEquals(List.of(), reader.newestChanges());
      assertEquals(1, reader.processes().size());
    }
    try (HistoryStore store = new HistoryStore(settings(64 << 20))) {
      store(store, change("mds", NOW, Kind.BUILD, "3f2a", null));
      assertEquals(1, HistoryStoreTest.read(store, "mds").size());
      try (HistoryReader reader = store.reader()) {
        assertEquals(1, reader.changes("mds").size());
      }
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement();
        ResultSet version = statement.executeQuery("PRAGMA user_version")) {
      assertEquals(1, version.getInt(1), "an older program reads and writes the file as before");
    }
  }

  @Test
  void kindsOfANewerProgramShouldBePassedOver() throws IOException, SQLException {
    try (HistoryStore store = new HistoryStore(settings(64 << 20))) {
      store(store, change("mds", NOW, Kind.BUILD, "3f2a", null));
    }
    Path file = directory.resolve("history.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("INSERT INTO change VALUES ('mds', 'kernel', 1, '6.1', NULL, '6.1')");
    }
    try (HistoryReader reader = HistoryReader.open(file)) {
      assertEquals(1, reader.changes("mds").size());
    }
  }

  @Test
  void ofEachKindTheNewestShouldStay() throws IOException {
    try (HistoryStore store = new HistoryStore(settings(64 << 20))) {
      IntStream.range(0, 40)
          .forEach(i -> store(store, change("mds", NOW + i, Kind.RESTART, "", "" + i)));
      store(store, change("mds", NOW - 1e6, Kind.BUILD, "3f2a", null));
      try (HistoryReader reader = store.reader()) {
        List<Change> kept = reader.changes("mds");
        assertEquals(1 + ChangeTable.PER_KIND_MAX, kept.size());
        assertEquals("3f2a", kept.get(0).what());
        assertEquals(NOW + 39, kept.get(kept.size() - 1).timeSeconds());
      }
    }
  }

  /** Names that come and go for ever, each with the longest texts there can be. */
  @Test
  void theTableShouldNotFillTheFileAndLetTheOldestGo() throws IOException {
    long maxBytes = 1 << 20;
    try (HistoryStore store = new HistoryStore(settings(maxBytes))) {
      for (int i = 0; i < 300; i++) {
        Change change = new Change(NOW + i, Kind.BUILD, "b".repeat(500), "a".repeat(500));
        store(store, new ObservedChange("process-" + i, change, "s".repeat(100_000)));
      }
      try (HistoryReader reader = store.reader()) {
        List<ObservedChange> kept = reader.newestChanges();
        long bytes = kept.stream().mapToLong(one -> one.state().length()).sum();
        assertTrue(bytes <= maxBytes / 64, () -> bytes + " bytes");
        assertTrue(kept.stream().anyMatch(one -> one.process().equals("process-299")));
        assertFalse(kept.stream().anyMatch(one -> one.process().equals("process-0")));
      }
    }
    assertTrue(Files.size(directory.resolve("history.db")) <= maxBytes);
  }

  @Test
  void changesShouldWaitWhileTheFileCannotBeWritten() throws IOException {
    Path file = directory.resolve("history.db");
    Files.createDirectory(file);
    try (HistoryStore store = new HistoryStore(settings(64 << 20))) {
      for (int i = 0; i < 1000; i++) {
        StoreOutcome outcome =
            store.appendAll(
                NOW, List.of(), List.of(change("p" + i, NOW + i, Kind.RESTART, "", null)));
        assertInstanceOf(StoreOutcome.Failed.class, outcome);
      }
      Files.delete(file);
      store(store, change("last", NOW + 1000, Kind.RESTART, "", null));
      try (HistoryReader reader = store.reader()) {
        assertEquals(501, reader.newestChanges().size());
      }
    }
  }
}
