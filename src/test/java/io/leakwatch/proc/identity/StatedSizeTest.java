package io.leakwatch.proc.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sizes that command lines state, and what is none. */
class StatedSizeTest {
  private static final long MIB = 1 << 20;

  private static long bytes(String line) {
    return StatedSize.bytes(List.of(line.split(" ", -1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "java -Xms1g -Xmx8g -jar a.jar                         | 0",
        "redis-server --maxmemory 8g --maxmemory 512m          | 512",
        "java -XX:MaxHeapSize=2g A                             | 0",
        "java -XX:MaxRAM=8g -XX:MaxHeapFreeRatio=70 A          | 0",
        "redis-server --maxmemory 1073741824                   | 1024",
        "redis-server --maxmemory 4gb --port 1                 | 4096",
        "redis-server maxmemory 100MB                          | 100",
        "redis-server --maxmemory-policy noeviction            | 0",
        "mysqld --innodb-buffer-pool-size=2G                   | 2048",
        "mysqld --innodb_buffer_pool_size 2G                   | 2048",
        "postgres -c shared_buffers=4GB -D /x                  | 0",
        "postgres -c work_mem=64MB                             | 0",
        "/usr/bin/memcached -u m -m 1024                       | 1024",
        "memcached -m64                                        | 64",
        "memcached --memory-limit=64                           | 64",
        "memcached -m 1g                                       | 1024",
        "server -m 1024                                        | 0",
        "server --cache-size=1GiB --block-cache-size 512m      | 1536",
        "server --cache_size 10485760                          | 10",
        "server --memory-limit=2Ti                             | 2097152",
        "server --max-memory=3145728b                          | 3",
        "server --max-memory=1g --max-memory=2g                | 2048",
        "server --cache-size                                   | 0",
        "server --cache-size --max-memory=1m                   | 1",
        "server                                                | 0",
        "--max-memory=1g                                       | 0",
      })
  void theSizeShouldBeRead(String line, long mebibytes) {
    assertEquals(mebibytes * MIB, bytes(line));
  }

  @ParameterizedTest
  @CsvSource({
    "0",
    "-1g",
    "+1g",
    "1.5g",
    "1e9",
    "g",
    "''",
    "8q",
    "8i",
    "8gg",
    "'8g '",
    "50%",
    "0x10",
    "٣g",
    "${HEAP}",
    "1025t",
    "9223372036854775807",
    "99999999999999999999",
    "9999999999999999t",
    "18446744073709551617",
  })
  void nonsenseShouldStateNothing(String value) {
    for (String option : List.of("--max-memory=", "--cache-size=", "--maxmemory=")) {
      assertEquals(0, StatedSize.bytes(List.of("server", option + value)), option + value);
    }
    assertEquals(0, StatedSize.bytes(List.of("memcached", "-m", value + value)));
  }

  @Test
  void nonsenseShouldNotTakeBackWhatWasStated() {
    assertEquals(8 << 20, bytes("redis-server --maxmemory 8m --maxmemory 0"));
  }

  @Test
  void theLargestShouldBeOnePebibyteAltogether() {
    assertEquals(1L << 50, bytes("server --max-memory=1024t"));
    assertEquals(0, bytes("server --max-memory=1024t --cache-size=1k"));
  }

  @Test
  void whatIsLongShouldBeNoOption() {
    assertEquals(0, StatedSize.bytes(List.of()));
    assertEquals(0, bytes("server --max-memory=" + "0".repeat(80) + "1"));
    assertEquals(0, bytes("server --max-memory " + "9".repeat(1 << 16)));
    List<String> many = new ArrayList<>(Collections.nCopies(1 << 16, ""));
    many.add("--maxmemory=1g");
    assertEquals(0, StatedSize.bytes(many));
  }

  @Test
  void anythingShouldBeReadWithoutAFault() {
    Random random = new Random(3);
    String[] parts = {
      "--maxmemory", "-m", "-c", "shared_buffers", "--cache-size", "=", "9", "t", "İ", ""
    };
    for (int i = 0; i < 20_000; i++) {
      List<String> line = new ArrayList<>(List.of("memcached"));
      for (int k = random.nextInt(5); k > 0; k--) {
        StringBuilder argument = new StringBuilder();
        for (int p = random.nextInt(6); p > 0; p--) {
          argument.append(parts[random.nextInt(parts.length)]);
        }
        line.add(argument.toString());
      }
      long bytes = StatedSize.bytes(line);
      assertTrue(bytes >= 0 && bytes <= 1L << 50, line::toString);
    }
  }
}
