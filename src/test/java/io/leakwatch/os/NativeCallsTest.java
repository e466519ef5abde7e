package io.leakwatch.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C library's calls against real processes and sockets. */
final class NativeCallsTest {
  @TempDir Path directory;

  @Test
  void shouldReadSeveralRangesOfAnotherProcessAtOnce() {
    assertNull(NativeEdge.problem());
    try (CTarget target = CTarget.start("proc_pages")) {
      String[] words = target.awaitLine("ready").split(" ", -1);
      long written = Long.parseLong(words[1], 16);
      long none = Long.parseLong(words[5], 16);
      RemoteMemory memory = new RemoteMemory();
      ByteBuffer buffer = RemoteMemory.allocate(24);
      long[] from = {written + 64, written + (1 << 20)};
      assertEquals(24, memory.read(target.pid(), from, new int[] {16, 8}, 2, buffer));
      assertEquals(written + 64, buffer.getLong(0));
      assertEquals(written + (1 << 20), buffer.getLong(16));
      assertEquals(-Errno.EFAULT, memory.read(target.pid(), none, buffer.clear()));
      long[] partly = {written, none};
      assertEquals(16, memory.read(target.pid(), partly, new int[] {16, 8}, 2, buffer.clear()));
      target.close();
      assertEquals(-Errno.ESRCH, memory.read(target.pid(), written, buffer.clear()));
    }
  }

  @Test
  void shouldRefuseToScanWhatIsNotThere() {
    ByteBuffer memory = PageScan.allocate();
    assertEquals(
        new PageScan.Opening.Refused(Errno.ENOENT), PageScan.open("/proc/0/pagemap", memory));
    assertInstanceOf(PageScan.Opening.Refused.class, PageScan.open("/proc/self/stat", memory));
  }

  @Test
  void shouldReachSystemdByPathAndByAbstractName() {
    String abstractName = "@leakwatch-test-" + ProcessHandle.current().pid();
    for (String socket : new String[] {directory.resolve("notify").toString(), abstractName}) {
      try (CTarget systemd = CTarget.start("notify_socket", socket)) {
        systemd.awaitLine("ready");
        SystemdNotifier notifier =
            SystemdNotifier.of(
                Map.of("NOTIFY_SOCKET", socket, "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "7"),
                7);
        assertTrue(notifier.ready());
        assertEquals("READY=1", systemd.readLine());
        assertTrue(notifier.status("two\nlines"));
        assertEquals("STATUS=two lines", systemd.readLine());
        assertEquals(Duration.ofSeconds(30), notifier.watchdogInterval());
      }
    }
  }

  @Test
  void shouldStaySilentWithoutSystemd() {
    assertFalse(SystemdNotifier.of(Map.of(), 7).ready());
    assertFalse(SystemdNotifier.of(Map.of("NOTIFY_SOCKET", "/nowhere/at/all"), 7).ready());
    assertFalse(SystemdNotifier.of(Map.of("NOTIFY_SOCKET", "relative"), 7).isActive());
    assertEquals(
        Duration.ZERO,
        SystemdNotifier.of(Map.of("WATCHDOG_USEC", "1", "WATCHDOG_PID", "8"), 7)
            .watchdogInterval());
  }

  @Test
  void shouldTellHowItIsScheduled() {
    OwnScheduling own = OwnScheduling.ofCallingThread();
    assertEquals(own.nice() > 0 || own.policy() == OwnScheduling.SCHED_IDLE, own.isLow());
    assertTrue(own.policy() >= 0 && own.nice() >= -20 && own.nice() <= 19, own.toString());
    assertTrue(new OwnScheduling(19, 0).isLow());
  }
}
