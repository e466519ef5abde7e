package io.leakwatch.os;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class CryptTest {
  /** From the test vectors of Openwall's crypt_blowfish, whose code libxcrypt carries. */
  private static final String KNOWN =
      "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

  private final Crypt crypt = Crypt.load().orElseThrow();

  @Test
  void shouldAgreeWithPublishedVectors() {
    assertEquals(Optional.of(KNOWN), crypt.hash("U*U", KNOWN));
    assertNotEquals(Optional.of(KNOWN), crypt.hash("U*V", KNOWN));
  }

  @Test
  void shouldKnowTheVariantThatHtpasswdWrites() {
    String hash = crypt.hash("secret", "$2y$04$abcdefghijklmnopqrstuu").orElseThrow();
    assertTrue(hash.startsWith("$2y$04$"), hash);
    assertEquals(Optional.of(hash), crypt.hash("secret", hash));
  }

  @Test
  void shouldRefuseWhatIsNoSettingAndWhatAStringOfCWouldCut() {
    assertEquals(Optional.empty(), crypt.hash("secret", "$2y$99$nonsense"));
    assertEquals(Optional.empty(), crypt.hash("secret", ""));
    assertEquals(Optional.empty(), crypt.hash("U*U\0more", KNOWN));
    assertEquals(Optional.empty(), crypt.hash("x".repeat(10_000), KNOWN));
  }
}
