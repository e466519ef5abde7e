package io.leakwatch.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/** This program again. */
class OwnProgramTest {

  @Test
  void shouldHandOnWhereNativeLibrariesAre() {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            "jna.boot.library.path", "/usr/lib/leakwatch",
            "jna.nounpack", "true",
            "jna.tmpdir", "/run/a b",
            "org.sqlite.lib.path", "/usr/lib/leakwatch",
            "org.sqlite.tmpdir", "/run/c",
            "java.io.tmpdir", "/var/tmp",
            "java.home", "/nowhere",
            "user.dir", "/"));
    assertEquals(
        List.of(
            "-Djava.io.tmpdir=/var/tmp",
            "-Djna.boot.library.path=/usr/lib/leakwatch",
            "-Djna.nounpack=true",
            "-Djna.tmpdir=/run/a b",
            "-Dorg.sqlite.lib.path=/usr/lib/leakwatch",
            "-Dorg.sqlite.tmpdir=/run/c"),
        OwnProgram.natives(properties));
  }

  @Test
  void shouldBoundItsHeapAndLeaveOutWhatTheEnvironmentAdds() {
    ProcessBuilder builder =
        OwnProgram.command(OwnProgram.MAIN, 64 << 20, List.of("-Xss1m"), List.of("check", "-x"));
    List<String> command = builder.command();
    assertTrue(command.contains("-Xmx67108864") && command.contains("-Xss1m"), command::toString);
    assertEquals(
        List.of("io.leakwatch.Main", "check", "-x"),
        command.subList(command.size() - 3, command.size()));
    for (String variable : List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "NOTIFY_SOCKET")) {
      assertFalse(builder.environment().containsKey(variable), variable);
    }
  }
}
