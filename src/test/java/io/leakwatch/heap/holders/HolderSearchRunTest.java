package io.leakwatch.heap.holders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.config.Defaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HolderSearchRunTest {

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldCallLostExactlyWhatNoVariableLeadsTo(int seed) {
    Random random = new Random(seed);
    ArrayProcess process = new ArrayProcess(seed, 40 + seed);
    int chunks = process.inUse.size();
    process.connect(random, 1 + seed % 5, random.nextInt(chunks * 2), chunks);
    Set<Long> reachable = process.reachable();
    List<SoughtMemory> suspects = new ArrayList<>();
    int[] held = new int[2];
    for (long address : process.inUse.keySet()) {
      if (random.nextInt(3) == 0) {
        int group = reachable.contains(address) ? 1 : 0;
        held[group]++;
        suspects.add(
            new SoughtMemory(address, process.inUse.getOrDefault(address, 0L), true, group));
      }
    }
    HolderSettings settings =
        Defaults.with(
                """
                diagnosis.holders {
                  passes-max = %d
                  chunks-max = 9999
                  places-per-chunk-max = 99
                  places-max = 99999
                  bytes-max = 1 TiB
                  piece-bytes = 8 KiB
                  threads-max = 1
                  kinds-map-bytes = 16 MiB
                  kind-pages-max = 9999
                  bytes-per-second-max = 1 TiB
                }
                """
                    .formatted(random.nextInt(40) + 1))
            .diagnosis()
            .holders();
    HolderReport report = process.search(suspects, settings);
    for (HolderReport.Group group : report.groups()) {
      assertEquals(held[group.group()], group.searched());
      assertEquals(0, group.freedMeanwhile());
      double lost = group.unreferencedFraction();
      double open = group.undecidedFraction();
      assertEquals(group.group() == 0 ? 1 - open : 0, lost, 1e-9, report::toString);
      assertTrue(open < 0.03 || settings.passesMax() < 10, report::toString);
    }
  }

  @FuzzTest
  void shouldSurviveAnyMemory(FuzzedDataProvider input) {
    ArrayProcess process = new ArrayProcess(input.consumeInt(0, 1000), input.consumeInt(24, 48));
    List<Long> chunks = new ArrayList<>(process.inUse.keySet());
    List<SoughtMemory> suspects = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      boolean isChunk = input.consumeBoolean();
      long address =
          isChunk ? chunks.get(input.consumeInt(0, chunks.size() - 1)) : input.consumeLong();
      suspects.add(
          new SoughtMemory(
              address,
              input.consumeLong(-10, 5000),
              input.consumeBoolean(),
              input.consumeInt(-1, 3)));
    }
    int changes = input.consumeInt(0, 100);
    for (int i = 0; i < changes; i++) {
      int word = input.consumeInt(0, process.heap.words.length - 1);
      process.heap.words[word] =
          switch (input.consumeInt(0, 2)) {
            case 0 -> input.consumeLong();
            case 1 -> input.consumeInt(0, 200_000);
            default -> chunks.get(input.consumeInt(0, chunks.size() - 1));
          };
      process.heap.absent[input.consumeInt(0, process.heap.absent.length - 1)] |=
          input.consumeInt(0, 9) == 0;
    }
    HolderReport report = process.search(suspects, Defaults.HOLDERS);
    for (HolderReport.Group group : report.groups()) {
      double sum = group.unreferencedFraction() + group.undecidedFraction();
      assertTrue(sum >= 0 && sum <= 1.000001, report::toString);
    }
    assertTrue(report.search().passes() <= Defaults.HOLDERS.passesMax());
  }
}
