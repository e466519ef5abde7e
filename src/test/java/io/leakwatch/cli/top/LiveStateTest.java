package io.leakwatch.cli.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.export.table.ProcessList;
import io.leakwatch.export.table.ProcessOrder;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keys and news make of the live view. */
class LiveStateTest {
  private static final int PAGE = 10;

  /** Processes named in this order, each smaller than the one before. */
  private static ProcessList list(String... names) {
    StringBuilder json = new StringBuilder("{\"processes\":[");
    for (int i = 0; i < names.length; i++) {
      json.append(i == 0 ? "" : ",")
          .append("{\"name\":\"%s\",\"pid\":%d,".formatted(names[i], 100 + names[i].charAt(0)))
          .append("\"rss_bytes\":%d}".formatted(1_000_000 - i));
    }
    try {
      return ProcessList.read(new StringReader(json + "]}"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String chosen(LiveState state) {
    return state.shown().rows().get(state.shown().chosen()).name();
  }

  private static LiveState pressed(LiveState state, Key... keys) {
    LiveState next = state;
    for (Key key : keys) {
      next = next.pressed(key, PAGE);
    }
    return next;
  }

  private final LiveState three = LiveState.of("node").heard("agent", list("a", "b", "c"));

  @Test
  void whatSomebodyHasChosenShouldStayChosenWhereverItMoves() {
    LiveState onB = pressed(three, Key.DOWN);
    assertEquals("b", chosen(onB));
    LiveState later = onB.heard("agent", list("_", "a", "ab", "b", "c"));
    assertEquals("b", chosen(later));
    assertEquals(ProcessOrder.RESIDENT, pressed(later, Key.SORT, Key.SORT).shown().order());
    assertEquals("b", chosen(pressed(later, Key.SORT, Key.SORT)));
    assertEquals("c", chosen(later.heard("agent", list("a", "c"))), "its place, when it is gone");
  }

  @Test
  void beforeAnythingIsChosenTheTopmostShouldBe() {
    assertEquals("a", chosen(three));
    assertEquals("_", chosen(three.heard("agent", list("_", "a"))));
  }

  @Test
  void theChoiceShouldStayWithinTheList() {
    assertEquals("a", chosen(pressed(three, Key.UP, Key.PAGE_UP)));
    assertEquals("c", chosen(pressed(three, Key.PAGE_DOWN, Key.DOWN)));
    assertEquals("a", chosen(pressed(three, Key.LAST, Key.FIRST)));
    LiveState empty = pressed(LiveState.of("node"), Key.DOWN, Key.LAST, Key.UP, Key.TOGGLE);
    assertEquals("a", chosen(empty.heard("agent", list("a", "b"))));
  }

  @Test
  void reasonsShouldOpenAndClose() {
    assertTrue(pressed(three, Key.OPEN, Key.OPEN).shown().open());
    assertFalse(pressed(three, Key.OPEN, Key.BACK).shown().open());
    assertFalse(pressed(three, Key.TOGGLE, Key.TOGGLE).shown().open());
    assertTrue(pressed(three, Key.TOGGLE, Key.SORT).heard("agent", list("a")).shown().open());
  }

  @Test
  void whatWasKnownShouldStayWhenTheAgentFallsSilent() {
    LiveState silent = three.failed("agent", "it is silent");
    assertEquals(3, silent.shown().rows().size());
    assertEquals("it is silent", silent.shown().problem());
    assertEquals("", silent.heard("agent", list("a")).shown().problem());
  }

  @ParameterizedTest
  @CsvSource({
    "q, QUIT",
    "'\u0003', QUIT",
    "'\u001a', SUSPEND",
    "'\u001b[A', UP",
    "'\u001bOB', DOWN",
    "'\u001b[C', OPEN",
    "'\u001b[D', BACK",
    "'\u001b', BACK",
    "s, SORT",
    "'\u001b[5~', PAGE_UP",
    "'\u001b[6~', PAGE_DOWN",
    "'\u001b[1~', FIRST",
    "'\u001bOF', LAST"
  })
  void keysShouldBeKnownAsTerminalsSendThem(String sent, Key key) {
    byte[] read = sent.getBytes(StandardCharsets.US_ASCII);
    assertEquals(List.of(key), Key.of(read, read.length));
  }

  @Test
  void keysTypedAheadShouldAllCountAndOthersNone() {
    byte[] read = "\u001b[Bx\u001b[Zjs\u001bq\u001b[15~\rq".getBytes(StandardCharsets.US_ASCII);
    assertEquals(
        List.of(Key.DOWN, Key.DOWN, Key.SORT, Key.TOGGLE, Key.QUIT), Key.of(read, read.length));
    byte[] torn = {0x1b, '[', '1', ';'};
    assertEquals(List.of(), Key.of(torn, torn.length));
  }

  @ParameterizedTest
  @CsvSource({
    ":9870, 127.0.0.1:9870",
    "0.0.0.0:9870, 127.0.0.1:9870",
    "[::]:1, 127.0.0.1:1",
    "9870, 127.0.0.1:9870",
    "10.0.0.5:9870, 10.0.0.5:9870",
    "[::1]:9870, [::1]:9870"
  })
  void anAgentShouldBeAskedWhereItListens(String listen, String address) {
    assertEquals(address, AgentClient.address(listen));
  }
}
