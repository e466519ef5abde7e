package io.leakwatch.export.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.text.InspectText;
import io.leakwatch.harness.CTarget;
import io.leakwatch.inspection.Inspection;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.target.ProcessFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That it is said of each allocator what is known and what is not. */
class AllocatorStatesTest {
  private static final double ALLOCATED_BYTES = 4e6;
  private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");

  @ParameterizedTest
  @CsvSource({
    "ptmalloc, '', true",
    "jemalloc, libjemalloc.so.2, true",
    "tcmalloc, libtcmalloc_minimal.so.4, true",
    "tcmalloc, libtcmalloc.so.4, true",
    "mimalloc, libmimalloc.so.2, true"
  })
  void shouldSayOfEachAllocatorWhatIsKnown(String allocator, String library, boolean inUseKnown) {
    Map<String, String> environment = Map.of();
    if (!library.isEmpty()) {
      Path path = LIBRARIES.resolve(library);
      assumeTrue(Files.exists(path), "no " + path);
      environment = Map.of("LD_PRELOAD", path.toString());
    }
    try (CTarget target =
        CTarget.start(environment, CTarget.compile("leak_threads"), "2", "40000000", "100")) {
      target.awaitLine("ready");
      ProcessView view = lookWhenItHasAllocated(target);
      JsonObject json = JsonParser.parseString(InspectJson.of(view)).getAsJsonObject();
      JsonObject state = json.getAsJsonArray("allocator_states").get(0).getAsJsonObject();
      assertEquals(allocator, state.get("allocator").getAsString());
      long resident = state.get("resident_bytes").getAsLong();
      long mapped = state.get("mapped_bytes").getAsLong();
      assertTrue(resident > 100_000, state::toString);
      assertEquals(mapped - resident, state.get("absent_bytes").getAsLong());
      assertEquals(inUseKnown, !state.get("in_use_bytes").isJsonNull(), state::toString);
      if (inUseKnown) {
        long accounted =
            state.get("in_use_bytes").getAsLong() + state.get("held_bytes").getAsLong();
        assertTrue(accounted > resident / 3, state::toString);
      } else {
        assertFalse(state.get("not_known").getAsString().isEmpty());
        assertTrue(InspectText.of(view, false).contains("its structures were not read"));
      }
    }
  }

  private static ProcessView lookWhenItHasAllocated(CTarget target) {
    ProcessView view = look(target.pid());
    double first = view.memory().anonymousBytes();
    while (target.isAlive() && view.memory().anonymousBytes() < first + ALLOCATED_BYTES) {
      view = look(target.pid());
    }
    return view;
  }

  private static ProcessView look(int pid) {
    ProcFs proc = ProcFs.live();
    if (proc.identify(pid) instanceof Outcome.Sampled<ProcessInfo> sampled) {
      return new Inspection(Defaults.WALK, Defaults.CONTENT)
          .of(proc, new ProcessFinder.Named("target", sampled.value()), Instant.EPOCH);
    }
    throw new IllegalStateException("no process " + pid);
  }
}
