package io.leakwatch.symbols.mangling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.harness.Tool;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DemanglerTest {

  /** Every symbol of the C++ library, against binutils' own demangler. */
  @Test
  void shouldSpellAsBinutilsDo() {
    List<String> symbols = symbolsOf("libstdc++.so.6");
    assertTrue(symbols.size() > 4000, symbols.size() + " symbols");
    String input = String.join("\n", symbols) + "\n";
    List<String> truth = Tool.run(input, List.of("c++filt")).output().lines().toList();
    assertEquals(symbols.size(), truth.size());
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < symbols.size(); i++) {
      String own = Demangler.demangle(symbols.get(i));
      if (!own.equals(symbols.get(i)) && !shortened(own).equals(shortened(truth.get(i)))) {
        wrong.add(symbols.get(i) + " " + own);
      }
    }
    assertTrue(wrong.size() <= symbols.size() * 0.005, wrong.toString());
    long raw = symbols.stream().filter(s -> Demangler.demangle(s).equals(s)).count();
    assertTrue(raw <= symbols.size() * 0.02, raw + " of " + symbols.size());
  }

  private static List<String> symbolsOf(String library) {
    String path = Tool.run("", List.of("gcc", "-print-file-name=" + library)).output().strip();
    return Tool.run("", List.of("nm", "-D", "--defined-only", path))
        .output()
        .lines()
        .map(line -> line.substring(line.lastIndexOf(' ') + 1).replaceFirst("@.*", ""))
        .filter(name -> name.startsWith("_Z"))
        .distinct()
        .toList();
  }

  /** We say std::string where they spell the template out. */
  private static String shortened(String text) {
    return text.replace(" ", "")
        .replace(
            "std::basic_string<char,std::char_traits<char>,std::allocator<char>>", "std::string")
        .replaceAll("std::basic_(io|i|o)stream<char,std::char_traits<char>>", "std::$1stream");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "_ZTVN8topology5LeaseE | vtable for topology::Lease",
        "_ZN5curve3mds8topology12g_chunkPoolsE | curve::mds::topology::g_chunkPools",
        "_ZNSt6vectorIiSaIiEE9push_backEOi"
            + " | std::vector<int, std::allocator<int> >::push_back(int&&)",
        "_Z3fooPFvPKcE | foo(void (*)(char const*))",
        "_ZZN6server4loopEvE5count | server::loop()::count",
        "_ZN12_GLOBAL__N_15cacheE | (anonymous namespace)::cache",
        "_ZN3abcC2ERKS_ | abc::abc(abc const&)",
        "_ZN4core3ptr13drop_in_place17h0123456789abcdefE | core::ptr::drop_in_place",
        "main | main",
        "_Z | _Z",
        "_Z4growv.cold | grow() [clone .cold]"
      })
  void shouldKnow(String mangled, String text) {
    assertEquals(text, Demangler.demangle(mangled));
  }

  @Test
  void shouldReadTheNamesOfTypes() {
    assertEquals(Optional.of("topology::Lease"), Demangler.type("N8topology5LeaseE"));
    assertEquals(Optional.of("Lease"), Demangler.type("5Lease"));
    assertEquals(Optional.empty(), Demangler.type("session-0001"));
  }

  @Test
  void shouldNotGrowBeyondItsBounds() {
    StringBuilder bomb = new StringBuilder("_Z1f");
    bomb.append("1a");
    for (int i = 0; i < 60; i++) {
      String ref = i == 0 ? "S_" : "S" + Integer.toString(i - 1, 36).toUpperCase() + "_";
      bomb.append("F").append(ref).append(ref).append(ref).append("E");
    }
    assertTrue(Demangler.demangle(bomb.toString()).length() < 20_000);
    assertTrue(Demangler.demangle("_Z1f" + "P".repeat(4000) + "i").length() < 20_000);
  }

  @Test
  void shouldSurviveDamage() {
    List<String> symbols = symbolsOf("libstdc++.so.6");
    Random random = new Random(11);
    for (int round = 0; round < 20_000; round++) {
      char[] name = symbols.get(random.nextInt(symbols.size())).toCharArray();
      for (int n = 0; n < 3; n++) {
        name[2 + random.nextInt(name.length - 2)] =
            "NESTIDpJXLZ_0123FPRKMAU".charAt(random.nextInt(23));
      }
      assertTrue(Demangler.demangle(new String(name)).length() < 20_000);
    }
  }

  @FuzzTest
  void shouldTakeAnyName(byte[] bytes) {
    String name = new String(bytes, StandardCharsets.ISO_8859_1);
    Demangler.demangle("_Z" + name);
    Demangler.type(name);
  }
}
