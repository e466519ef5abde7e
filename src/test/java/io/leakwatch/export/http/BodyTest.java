package io.leakwatch.export.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.metrics.Metrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyTest {
  private static final int ROOM = 1 << 20;

  private final AnswerMemory memory = new AnswerMemory(ROOM);

  /** Takes all that is left, to see how much that is. */
  private void assertLeft(long bytes) throws IOException {
    memory.take(bytes);
    assertThrows(AnswerMemory.Full.class, () -> memory.take(1));
    memory.give(bytes);
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new SplittableRandom(count).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 1023, 1024, 1025, 16_383, 16_384, 500_000})
  void shouldGiveBackWhatWasWrittenInWhateverPieces(int count) throws IOException {
    byte[] written = random(count);
    for (int piece : new int[] {1, 7, 1024, 100_000}) {
      try (Body body =
          Body.compose(
              memory,
              out -> {
                for (int i = 0; i < count; i += piece) {
                  out.write(written, i, Math.min(piece, count - i));
                }
              })) {
        assertEquals(count, body.plainBytes());
        assertEquals(count > 1024, body.isPacked());
        try (InputStream plain = body.plain();
            InputStream held = body.held()) {
          assertArrayEquals(written, plain.readAllBytes());
          assertEquals(body.heldBytes(), held.readAllBytes().length);
        }
        assertLeft(ROOM - body.heldBytes());
      }
      assertLeft(ROOM);
    }
  }

  @Test
  void shouldGiveItsMemoryBackWhereItIsRefusedOrFails() throws IOException {
    byte[] tooMuch = random(2 * ROOM);
    assertThrows(AnswerMemory.Full.class, () -> Body.compose(memory, out -> out.write(tooMuch)));
    assertLeft(ROOM);
    assertThrows(
        IllegalStateException.class,
        () ->
            Body.compose(
                memory,
                out -> {
                  out.write(tooMuch, 0, ROOM / 2);
                  throw new IllegalStateException();
                }));
    assertLeft(ROOM);
    assertThrows(
        IOException.class,
        () ->
            Body.received(
                memory,
                true,
                1000,
                1000,
                count -> {
                  throw new IOException();
                }));
    assertLeft(ROOM);
  }

  @Test
  void shouldNotComposeWithoutEnd() throws IOException {
    byte[] zeros = new byte[1 << 20]; // Packed they find room for ever.
    assertThrows(
        AnswerMemory.Full.class,
        () ->
            Body.compose(
                memory,
                out -> {
                  while (true) {
                    out.write(zeros);
                  }
                }));
    assertLeft(ROOM);
  }

  /**
   * As many as the memory holds; the others are told to come again, and are counted. Prometheus has
   * room of its own.
   */
  @Test
  void answersThatNobodyTakesShouldBeBoundedInAllAndCostNoScrape() throws IOException {
    Snapshot snapshot = Views.many(256);
    SnapshotAnswers answers =
        new SnapshotAnswers(
            () -> snapshot,
            new Metrics(() -> snapshot, "test", Path.of("/proc")),
            Api.Sources.NONE,
            () -> true);
    List<String> paths = new ArrayList<>(Collections.nCopies(6, "/api/v1/processes"));
    paths.add("/metrics");
    List<Integer> seen = new ArrayList<>();
    askWithin(answers, paths, seen);
    assertEquals(List.of(200, 200, 200, 200, 503, 503, 200), seen);
    assertEquals(2, answers.refused());
    ByteArrayOutputStream after = new ByteArrayOutputStream();
    answers.answer(
        Request.of("/api/v1/processes"), response -> response.body().plain().transferTo(after));
    assertEquals('{', after.toByteArray()[0]);
  }

  /** Asks for one after the other while the answers before are still held. */
  private static void askWithin(Answers answers, List<String> paths, List<Integer> seen)
      throws IOException {
    if (!paths.isEmpty()) {
      answers.answer(
          Request.of(paths.get(0)),
          response -> {
            seen.add(response.status());
            askWithin(answers, paths.subList(1, paths.size()), seen);
          });
    }
  }
}
