package io.leakwatch.export.http;

import static io.leakwatch.export.http.PasswordCheck.Outcome.BUSY;
import static io.leakwatch.export.http.PasswordCheck.Outcome.RIGHT;
import static io.leakwatch.export.http.PasswordCheck.Outcome.WRONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PasswordCheckTest {
  /** From the test vectors of Openwall's crypt_blowfish. */
  private static final String KNOWN =
      "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

  private static final String ANY = "r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

  private final PasswordCheck check = new PasswordCheck();

  /** The first two are of crypt_blowfish's vectors, the others were made by libxcrypt 4.4. */
  @ParameterizedTest
  @CsvSource({
    "U*U, $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "U*U*, $2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",
    "secret, $2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "secret, $2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
    "pässwörd, $2y$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC",
    "'', $2y$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"
  })
  void shouldAgreeWithTheSystemsCrypt(String password, String hash) throws Exception {
    assertEquals(RIGHT, of(hash, password));
    assertEquals(WRONG, of(hash, password + "V"));
  }

  /** libxcrypt gives this one hash for 72, 73 and 300 times x, in all three variants. */
  @ParameterizedTest
  @CsvSource({"2a", "2b", "2y"})
  void shouldTakeTheFirst72Bytes(String variant) throws Exception {
    String hash = "$" + variant + "$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i";
    for (int length : new int[] {72, 73, 300, 20_000}) {
      assertEquals(RIGHT, of(hash, "x".repeat(length)), length + " bytes");
    }
    assertEquals(WRONG, of(hash, "x".repeat(71)));
  }

  @Test
  void shouldRefuseANulByte() throws Exception {
    assertEquals(WRONG, of(KNOWN, "U*U\0more"));
    assertEquals(WRONG, of(KNOWN, "U*U\0U*U"));
    assertEquals(WRONG, of(KNOWN, "\0"));
  }

  @Test
  void shouldKnowNobodyElse() throws Exception {
    assertEquals(WRONG, check.of(Map.of("a", KNOWN), "b", bytes("U*U"), address("127.0.0.1")));
    assertEquals(RIGHT, check.of(Map.of("a", KNOWN), "a", bytes("U*U"), address("127.0.0.1")));
    assertEquals(WRONG, check.of(Map.of("c", KNOWN), "a", bytes("U*U"), address("127.0.0.1")));
  }

  @Test
  void shouldForgetWithTheHash() throws Exception {
    assertEquals(RIGHT, of(KNOWN, "U*U"));
    assertEquals(WRONG, of("$2y$04$abcdefghijklmnopqrstuu2" + ANY, "U*U"));
    assertEquals(RIGHT, of(KNOWN, "U*U"));
  }

  /** A hash of cost 12 takes 256 times as long as one of cost 4 and 4 times as one of cost 10. */
  @Test
  void unknownUserShouldCostAsMuchAsAKnownOne() throws Exception {
    Map<String, String> users = new HashMap<>();
    users.put("cheap", "$2y$04$abcdefghijklmnopqrstuu2" + ANY);
    users.put("dear", "$2y$12$abcdefghijklmnopqrstuu2" + ANY);
    long known = Long.MAX_VALUE;
    long unknown = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      long begin = System.nanoTime();
      check.of(users, "dear", bytes("guess " + i), address("127.0.0.1"));
      known = Math.min(known, System.nanoTime() - begin);
      begin = System.nanoTime();
      check.of(users, "nobody", bytes("guess " + i), address("127.0.0.1"));
      unknown = Math.min(unknown, System.nanoTime() - begin);
    }
    assertTrue(unknown > known / 3, unknown + " ns beside " + known + " ns");
    assertTrue(unknown < known * 3, unknown + " ns beside " + known + " ns");
  }

  /** While hashes of one address run that take for ever, nobody else is held up. */
  @Test
  void oneAddressShouldHoldOneOfTwoPlaces() throws Exception {
    String slow = "$2y$13$abcdefghijklmnopqrstuu2" + ANY;
    Map<String, String> users = Map.of("a", slow, "b", KNOWN);
    of(KNOWN, "U*U");
    check.of(Map.of("b", KNOWN), "b", bytes("known to be wrong"), address("127.0.0.1"));
    ExecutorService others = Executors.newFixedThreadPool(64);
    try {
      ExecutorCompletionService<PasswordCheck.Outcome> inTurn =
          new ExecutorCompletionService<>(others);
      List<Future<PasswordCheck.Outcome>> flood = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        flood.add(inTurn.submit(guess(users, "guess " + i, "2001:db8::" + i)));
      }
      assertEquals(BUSY, inTurn.take().get()); // The queue of their network is full.
      long begin = System.nanoTime();
      assertEquals(BUSY, check.of(users, "b", bytes("U*V"), address("2001:db8::ffff:1")));
      assertEquals(RIGHT, check.of(Map.of("user", KNOWN), "user", bytes("U*U"), address("::1")));
      assertEquals(
          WRONG,
          check.of(
              Map.of("b", KNOWN), "b", bytes("known to be wrong"), address("2001:db8::ffff:1")));
      assertEquals(RIGHT, check.of(users, "b", bytes("U*U"), address("2001:db8:0:1::1")));
      long nanos = System.nanoTime() - begin;
      int hashed = 0;
      for (Future<PasswordCheck.Outcome> one : flood) {
        PasswordCheck.Outcome outcome = one.isDone() ? one.get() : null;
        hashed += outcome == WRONG ? 1 : 0;
      }
      assertTrue(hashed <= 1, hashed + " slow hashes ended within " + nanos + " ns");
    } finally {
      others.shutdownNow();
    }
  }

  private Callable<PasswordCheck.Outcome> guess(
      Map<String, String> users, String password, String from) {
    return () -> check.of(users, "a", bytes(password), address(from));
  }

  private PasswordCheck.Outcome of(String hash, String password) throws UnknownHostException {
    return check.of(Map.of("user", hash), "user", bytes(password), address("127.0.0.1"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static InetAddress address(String text) throws UnknownHostException {
    return InetAddress.getByName(text);
  }
}
