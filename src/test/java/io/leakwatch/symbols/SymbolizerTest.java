package io.leakwatch.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SymbolizerTest {
  @TempDir Path directory;

  /** What the program says of itself: addresses of a variable, a function, a virtual table. */
  private record Truth(long variable, long function, long table) {
    static Truth of(CTarget target) {
      String[] words = target.awaitLine("ready").split(" ");
      return new Truth(Long.decode(words[1]), Long.decode(words[2]), Long.decode(words[3]));
    }
  }

  private static Symbolizer look(CTarget target) {
    ProcFs procFs = ProcFs.live();
    MappingTable table = new MappingTable();
    ProcessInfo info = value(procFs.identify(target.pid()));
    try (var reader = value(procFs.open(info.id()))) {
      value(reader.maps(table, ReadMeter.UNPACED));
      return new Symbolizer(table, reader.files(), SymbolSettings.DEFAULTS);
    }
  }

  private static <T> T value(Outcome<T> outcome) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    throw new IllegalStateException(outcome.toString());
  }

  private static void assertNames(Truth truth, Symbolizer symbols) {
    Place variable = symbols.place(truth.variable() + 8);
    assertNotNull(variable);
    assertEquals("topology::g_leases + 8", variable.text());
    assertEquals(Place.Section.VARIABLES, variable.section());
    Place function = symbols.place(truth.function());
    assertNotNull(function);
    assertEquals("topology::renew(topology::Lease const&)", function.text());
    assertEquals(Place.Section.TEXT, function.section());
    Place table = symbols.place(truth.table());
    assertNotNull(table);
    assertEquals("vtable for topology::Lease + 16", table.text());
    assertEquals(Place.Section.CONSTANTS, table.section());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-fpie -pie",
        "-no-pie",
        "-static",
        "-static-pie",
        "-no-pie -Wl,-z,noseparate-code",
        "-fpie -pie -Wl,-z,norelro"
      })
  void shouldNameVariablesFunctionsAndVirtualTables(String flags) {
    Path program = CTarget.compile("objects", flags.split(" "));
    try (CTarget target = CTarget.start(Map.of(), program)) {
      Truth truth = Truth.of(target);
      try (Symbolizer symbols = look(target)) {
        assertNames(truth, symbols);
        assertNull(symbols.place(16));
        assertNull(symbols.sectionOf(-1));
      }
    }
  }

  @Test
  void shouldReadAnExecutableThatWasDeleted() throws IOException {
    Path copy = directory.resolve("objects");
    Files.copy(CTarget.compile("objects"), copy);
    try (CTarget target = CTarget.start(Map.of(), copy)) {
      Truth truth = Truth.of(target);
      Files.delete(copy);
      try (Symbolizer symbols = look(target)) {
        assertNames(truth, symbols);
      }
    }
  }

  @Test
  void shouldGiveModuleAndOffsetWhereTheProgramIsStripped() {
    Path program = CTarget.compile("objects", "-s");
    try (CTarget target = CTarget.start(Map.of(), program)) {
      Truth truth = Truth.of(target);
      try (Symbolizer symbols = look(target)) {
        Place table = symbols.place(truth.table());
        assertNotNull(table);
        assertTrue(table.text().startsWith(program.getFileName() + "+0x"), table.text());
        assertEquals(Place.Section.CONSTANTS, table.section());
      }
    }
  }

  @Test
  void shouldTakeTheSymbolsFromASeparateFile() throws IOException {
    Path program = directory.resolve("server");
    Files.copy(CTarget.compile("objects", "-Wl,--build-id"), program);
    Files.createDirectory(directory.resolve(".debug"));
    String debug = directory.resolve(".debug/server.debug").toString();
    for (List<String> command :
        List.of(
            List.of("objcopy", "--only-keep-debug", program.toString(), debug),
            List.of("strip", program.toString()),
            List.of("objcopy", "--add-gnu-debuglink=" + debug, program.toString()))) {
      Tool.Result done = Tool.run("", command);
      assertEquals(0, done.status(), done.output());
    }
    try (CTarget target = CTarget.start(Map.of(), program)) {
      Truth truth = Truth.of(target);
      try (Symbolizer symbols = look(target)) {
        assertNames(truth, symbols);
      }
    }
  }
}
