package io.leakwatch.heap.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The counters of a JVM, as they lie in its memory, whole and damaged. */
class PerfCountersTest {
  private static final String THREADS = "java.threads.live";
  private static final String VERSION = "java.property.java.version";

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldReadNumbersAndTextsInEitherOrderOfBytes(int isLittle) {
    PerfCounters counters = PerfCounters.of(memory(isLittle == 1));
    assertEquals(42, counters.number(THREADS));
    assertEquals("17.0.15", counters.text(VERSION));
    assertEquals(-1, counters.number(VERSION));
    assertEquals("", counters.text(THREADS));
    assertEquals(-1, counters.number("sun.gc.metaspace.used"));
    assertEquals(42, counters.sum(THREADS, "sun.gc.metaspace.used"));
    assertEquals(-1, counters.sum("sun.gc.metaspace.used"));
  }

  @Test
  void shouldReadNothingWhereThereIsNothing() {
    assertTrue(PerfCounters.of(ByteBuffer.allocate(0)).isEmpty());
    assertTrue(PerfCounters.of(ByteBuffer.allocate(4096)).isEmpty());
    assertTrue(PerfCounters.of(memory(true).put(5, (byte) 1)).isEmpty());
  }

  @Test
  void shouldTellMemoryThatMayHoldCounters() {
    ByteBuffer memory = memory(true);
    assertEquals(memory.limit(), PerfCounters.usedBytes(memory.getLong(0), memory.getLong(8)));
    assertEquals(0, PerfCounters.usedBytes(memory.getLong(0), -1));
    assertEquals(0, PerfCounters.usedBytes(0, memory.getLong(8)));
  }

  /** Each byte in turn, all that it can be: what is read is read, and it ends. */
  @Test
  void shouldBearAnyByte() {
    ByteBuffer memory = memory(true);
    int read = 0;
    for (int at = 0; at < memory.limit(); at++) {
      for (int value = 0; value < 256; value++) {
        byte before = memory.get(at);
        memory.put(at, (byte) value);
        read += PerfCounters.of(memory).isEmpty() ? 0 : 1;
        memory.put(at, before);
      }
    }
    assertTrue(read > 10_000, read + " times");
  }

  @Test
  void shouldBearAnyDamage() {
    Random random = new Random(1);
    for (int i = 0; i < 50_000; i++) {
      ByteBuffer memory = memory(true);
      for (int j = random.nextInt(8); j >= 0; j--) {
        memory.putInt(random.nextInt(memory.limit() - 3), random.nextInt() >> random.nextInt(32));
      }
      memory.limit(random.nextInt(memory.limit() + 1));
      assertTrue(PerfCounters.of(memory).number(THREADS) >= -1);
    }
  }

  @FuzzTest(maxDuration = "30s")
  void shouldBearAnything(FuzzedDataProvider data) {
    ByteBuffer memory = ByteBuffer.wrap(data.consumeRemainingAsBytes());
    assertTrue(PerfCounters.of(memory).number(THREADS) >= -1);
  }

  private static ByteBuffer memory(boolean isLittle) {
    ByteBuffer memory = ByteBuffer.allocate(256);
    memory.putInt(0xcafec0c0).put((byte) (isLittle ? 1 : 0)).put((byte) 2).position(32);
    memory.order(isLittle ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    byte[] version = "17.0.15\0".getBytes(StandardCharsets.UTF_8);
    entry(memory, VERSION, 'B', version.length);
    memory.put(version);
    entry(memory, THREADS, 'J', 0);
    memory.putLong(42);
    memory.putInt(8, memory.position()).putInt(24, 32).putInt(28, 2);
    return memory.flip();
  }

  private static void entry(ByteBuffer memory, String name, char type, int length) {
    byte[] text = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int data = (20 + text.length + 7) & -8;
    int start = memory.position();
    memory.putInt(data + Math.max(8, length)).putInt(20).putInt(length);
    memory.put((byte) type).put((byte) 0).put((byte) 1).put((byte) 2).putInt(data);
    memory.put(text).position(start + data);
  }
}
