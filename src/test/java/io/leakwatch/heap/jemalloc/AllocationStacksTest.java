package io.leakwatch.heap.jemalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of jemalloc's samples against the heap profile that jemalloc itself writes. */
class AllocationStacksTest {
  private static final Path ARCHIVE = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc.a");
  private static final Path LIBRARY = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2");
  private static final int THREADS = 3;

  /** What the program keeps of each kind, and the size class of each. */
  private static final long SMALL = 200_000;

  private static final long SMALL_BYTES = 80;
  private static final long LARGE = 400L * THREADS;
  private static final long LARGE_BYTES = 20_480;

  @TempDir private Path directory;

  /**
   * A stack's objects are of one size each: jemalloc's own scale follows from its unscaled figures.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 12, 17})
  void shouldAgreeWithJemallocsOwnProfile(int lgSample) throws IOException {
    try (CTarget target = start("prof_active:true,lg_prof_sample:" + lgSample)) {
      MemoryProfile profile = profile(target);
      String dump = dump(target);
      assertEquals(MemoryProfile.Basis.STACK, profile.basis());
      assertEntry(dump, profile, SMALL_BYTES, lgSample, List.of("keep_small", "caller_of_small"));
      assertEntry(dump, profile, LARGE_BYTES, lgSample, List.of("keep_large", "work"));
    }
  }

  private static void assertEntry(
      String dump, MemoryProfile profile, long size, int lgSample, List<String> calls) {
    long sampled = sampled(dump, size);
    assertTrue(sampled > 0, dump);
    double scale = 1 / (1 - Math.exp(-size / Math.pow(2, lgSample)));
    MemoryProfile.Entry entry = entry(profile, calls);
    assertEquals(sampled * scale, entry.objects(), sampled * scale * 0.01 + 1);
    assertEquals(sampled * scale * size, entry.bytes(), sampled * scale * size * 0.01 + size);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldTellEveryObjectWhereEachIsSampled(boolean isLinked) {
    try (CTarget target = start(isLinked, "prof_active:true,lg_prof_sample:0")) {
      MemoryProfile.Entry small =
          entry(profile(target), List.of("keep_small", "caller_of_small", "main"));
      MemoryProfile.Entry large = entry(profile(target), List.of("keep_large", "work"));
      assertEquals(SMALL, small.objects());
      assertEquals(SMALL * SMALL_BYTES, small.bytes());
      assertEquals(LARGE, large.objects());
      assertEquals(LARGE * LARGE_BYTES, large.bytes());
      target.send("free");
      target.awaitLine("freed");
      assertTrue(profile(target).entries().stream().noneMatch(e -> has(e, List.of("keep_small"))));
    }
  }

  @Test
  void shouldSayWhatWasAllocatedWhileNothingWasSampled() {
    try (CTarget target = start("prof_active:false,lg_prof_sample:0")) {
      assertTrue(read(target).profiles().isEmpty());
      long before = read(target).handedOutBytes();
      target.send("sample");
      target.awaitLine("sampled");
      MemoryProfile.Entry large = entry(profile(target), List.of("keep_large", "main"));
      assertEquals(LARGE_BYTES * LARGE / THREADS, large.bytes());
      MemoryProfile.Entry others =
          entry(profile(target), List.of("allocated while jemalloc did not sample"));
      assertEquals(before, others.bytes(), before * 0.02);
    }
  }

  private static MemoryProfile.Entry entry(MemoryProfile profile, List<String> calls) {
    List<MemoryProfile.Entry> found =
        profile.entries().stream().filter(entry -> has(entry, calls)).toList();
    assertEquals(1, found.size(), profile::toString);
    return found.get(0);
  }

  private static boolean has(MemoryProfile.Entry entry, List<String> calls) {
    List<String> names = entry.frames().stream().map(MemoryProfile.Frame::name).toList();
    return names.size() >= calls.size() && names.subList(0, calls.size()).equals(calls);
  }

  /** Objects of a size that the dump tells of, over all stacks. */
  private static long sampled(String dump, long size) {
    Matcher line = Pattern.compile("(?m)^@.*\\n\\s*t\\*: (\\d+): (\\d+) ").matcher(dump);
    long objects = 0;
    while (line.find()) {
      long count = Long.parseLong(line.group(1));
      objects += Long.parseLong(line.group(2)) == count * size ? count : 0;
    }
    return objects;
  }

  private String dump(CTarget target) throws IOException {
    Path file = directory.resolve("heap");
    target.send("dump " + file);
    assertFalse(target.awaitLine("").startsWith("failed"));
    return Files.readString(file);
  }

  private static MemoryProfile profile(CTarget target) {
    return read(target).profiles().get(0);
  }

  private static JemallocReport read(CTarget target) {
    return LiveHeap.read(
        target.pid(),
        new JemallocReader(Defaults.WALK),
        OwnerTarget.Depth.PROFILE,
        ObjectVisitor.NONE);
  }

  private static CTarget start(String settings) {
    return start(false, settings);
  }

  private static CTarget start(boolean isLinked, String settings) {
    assumeTrue(Files.exists(isLinked ? ARCHIVE : LIBRARY), "no libjemalloc-dev");
    Path program =
        isLinked
            ? CTarget.compile("jemalloc_profile", ARCHIVE.toString(), "-lstdc++", "-lm")
            : CTarget.compile("jemalloc_profile");
    Map<String, String> environment =
        new HashMap<>(Map.of("MALLOC_CONF", "prof:true,prof_unbias:false," + settings));
    if (!isLinked) {
      environment.put("LD_PRELOAD", LIBRARY.toString());
    }
    CTarget target = CTarget.start(environment, program, Integer.toString(THREADS));
    target.awaitLine("ready");
    return target;
  }
}
