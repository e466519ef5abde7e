package io.leakwatch.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The words of a process that the kernel keeps, as /proc shows them. */
class KernelWordsTest {
  @Test
  void aWaitingThreadShouldShowItsArgumentsAndItsStackPointer() {
    assertEquals(
        List.of(0L, 0x7ffd10L, 0x400L, 0L, 0L, 0L, 0x7ffcf8L),
        ThreadList.parse("0 0x0 0x7ffd10 0x400 0x0 0x0 0x0 0x7ffcf8 0x7f01a2\n"));
  }

  @Test
  void aThreadThatRunsShouldShowNothing() {
    assertEquals(List.of(), ThreadList.parse("running\n"));
    assertEquals(List.of(), ThreadList.parse(""));
    assertEquals(List.of(), ThreadList.parse("0 0x0 zero 0x1 0x2\n"));
  }

  @Test
  void aThreadOutsideASystemCallShouldShowItsStackPointer() {
    assertEquals(List.of(0x7ffcf8L), ThreadList.parse("-1 0x7ffcf8 0x7f01a2\n"));
  }

  @Test
  void theDataOfEpollShouldBeRead() {
    List<Long> words = new ArrayList<>();
    EpollData.add(
        """
        pos:\t0
        flags:\t02
        tfd:        5 events:       19 data:     55d0c0a8e2a0  pos:0 ino:1a sdev:e
        tfd:        6 events:       19 data: ffffffffffffffff
        tfd:        7 events:       19 data: nonsense
        """,
        words,
        10);
    assertEquals(List.of(0x55d0c0a8e2a0L, -1L), words);
  }
}
