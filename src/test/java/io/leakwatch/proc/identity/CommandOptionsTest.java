package io.leakwatch.proc.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which options differ between two command lines, without a value of any of them. */
class CommandOptionsTest {

  private static CommandOptions options(String line) {
    return CommandOptions.of(List.of(line.split(" ", -1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mds --size=1 --port 80       | mds --size=2 --port 80       | --size",
        "mds --size 1                 | mds --size 2                 | --size",
        "mds --size=1                 | mds --size=1 --fast          | --fast (new)",
        "mds --size=1 --fast          | mds --size=1                 | --fast (gone)",
        "mds -confPath=/a -mdsAddr=x  | mds -confPath=/b -mdsAddr=x  | -confPath",
        "mds -conf /a                 | mds -conf /b                 | -conf",
        "mysqld --x -psecret          | mysqld --x -pother           | -p…",
        "mysqld -psecret              | mysqld -pother               | -p…",
        "java -Xmx4g -jar a.jar       | java -Xmx8g -jar a.jar       | -X…",
        "tool -p 80 in                | tool -p 81 in                | -p",
        "tool in out                  | tool in else                 | argument 2",
        "tool -- --in                 | tool -- --out                | argument 1",
        "tool --password -x1          | tool --password -x2          | --password",
        "tool --peer=a --peer=b       | tool --peer=b --peer=a       | --peer",
        "/opt/1/mds --size=1          | /opt/2/mds --size=1          | ''",
        "tool --a=1 --b=1             | tool --b=1 --a=1             | ''",
      })
  void optionsThatDifferShouldBeNamed(String before, String after, String names) {
    assertEquals(
        names,
        String.join(
            ", ",
            CommandOptions.changed(
                options(before.strip()).state(), options(after.strip()).state())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mds --conf=/etc/x               | --conf       | /etc/x",
        "mds -conf /etc/x                | -conf        | /etc/x",
        "mds -confPath=/etc/curve/x      | -confPath    | /etc/curve/x",
        "etcd --config-file /etc/x       | --config-file| /etc/x",
        "prometheus --config.file=/etc/x | --config.file| /etc/x",
        "nginx -c /etc/x                 | -c           | /etc/x",
        "mysqld --defaults-file=/etc/x   | --defaults-file | /etc/x",
        "redis-server /etc/redis.conf    | argument 1   | /etc/redis.conf",
      })
  void theFileThatACommandLineNamesShouldBeFound(String line, String option, String path) {
    assertEquals(
        List.of(new CommandOptions.NamedFile(option.strip(), path.strip())),
        options(line.strip()).configurationFiles());
  }

  @Test
  void whatIsNoAbsolutePathShouldBeNoFile() {
    for (String line :
        List.of("mds --conf=x", "mds --conf", "mds --size=/etc/x", "mds -c -v", "sh -c exit")) {
      assertEquals(List.of(), options(line).configurationFiles(), line);
    }
    assertEquals(List.of(), CommandOptions.of(List.of("m", "--conf=/a\0b")).configurationFiles());
    assertEquals(List.of(), CommandOptions.of(List.of()).configurationFiles());
    String many = "m" + " --conf=/etc/x".repeat(100) + " --conf=/" + "y".repeat(10_000);
    assertEquals(8, options(many).configurationFiles().size());
  }

  /** What may come of a file that somebody has damaged. */
  @Test
  void statesThatAreNoneShouldBeReadWithoutHarm() {
    for (String state : List.of("", "\n\n", "x", " ", "ab \n", "\u0000 \u001b[31m", "a b c\nd")) {
      CommandOptions.changed(state, options("mds --size=1").state());
      for (String name : CommandOptions.changed(options("mds").state(), state)) {
        assertFalse(name.matches("(?s).*\\p{Cc}.*"), name);
      }
    }
  }

  static List<Long> seeds() {
    return new Random(20261130).longs(300).boxed().toList();
  }

  /**
   * Command lines as an attacker or a careless person writes them: no value may come out, neither
   * from the names of options nor from what is kept, and both stay small.
   */
  @ParameterizedTest
  @MethodSource("seeds")
  void noValueShouldBeTold(long seed) {
    Random random = new Random(seed);
    List<String> secrets = new ArrayList<>();
    List<String> before = line(random, secrets);
    List<String> after = new ArrayList<>(before);
    for (int i = 2; i < after.size(); i++) {
      if (random.nextInt(3) == 0) {
        after.set(i, argument(random, secrets, false));
      }
    }
    CommandOptions old = CommandOptions.of(before);
    CommandOptions now = CommandOptions.of(after);
    List<String> told = new ArrayList<>(CommandOptions.changed(old.state(), now.state()));
    now.configurationFiles().forEach(file -> told.add(file.option()));
    told.addAll(Arrays.asList(old.state().split("\n", -1)));
    for (String text : told) {
      for (String secret : secrets) {
        assertFalse(text.contains(secret), () -> text + " tells " + secret + " of " + after);
      }
      assertTrue(text.length() <= 60, text);
      assertFalse(text.matches("(?s).*[\\p{Cc}\\u202a-\\u202e\\ufffe].*"), text);
    }
    assertTrue(old.state().length() < 4096);
    assertEquals(List.of(), CommandOptions.changed(now.state(), now.state()));
  }

  private static List<String> line(Random random, List<String> secrets) {
    List<String> line = new ArrayList<>(List.of("program"));
    boolean doubled = random.nextBoolean();
    line.addAll(doubled ? List.of("--verbose") : List.of());
    int arguments = random.nextInt(5) == 0 ? 500 : random.nextInt(12);
    for (int i = 0; i < arguments; i++) {
      line.add(argument(random, secrets, doubled));
    }
    return line;
  }

  /**
   * Names are lower case, secrets upper case and digits, so that one is never part of the other.
   */
  private static String argument(Random random, List<String> secrets, boolean doubled) {
    String secret = secret(random);
    secrets.add(secret);
    return switch (random.nextInt(doubled ? 9 : 8)) {
      case 0 -> "--password=" + secret;
      case 1 -> "-p" + secret;
      case 2 -> "-conf=/etc/" + secret;
      case 3 -> secret;
      case 4 -> "--url=http://user:" + secret + "@host/?token=" + secret;
      case 5 -> "--opt:" + secret;
      case 6 -> "-" + odd(random) + secret;
      case 7 -> "--" + odd(random) + "=" + secret;
      default -> "-psw" + secret + "=" + secret; // Where other options have two hyphens.
    };
  }

  private static String secret(Random random) {
    return IntStream.range(0, 6 + random.nextInt(random.nextInt(20) == 0 ? 5000 : 10))
        .mapToObj(i -> "" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456789".charAt(random.nextInt(34)))
        .collect(Collectors.joining());
  }

  private static String odd(Random random) {
    List<String> odd =
        List.of("\u001b[2J", "\u202e", "\n", " ", "\ud800", "é", "=", ":", "\ufffe", "%s", "𝒳");
    return odd.get(random.nextInt(odd.size()));
  }
}
