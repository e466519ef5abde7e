package io.leakwatch.export.http;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;

/**
 * Whether a password is a user's, by the user's bcrypt hash. What was found is remembered, right
 * and wrong apart, so that neither a client that comes back nor one that keeps trying the same
 * costs a hash, and no flood of wrong ones drives out a right one. All else stands in the {@link
 * HashQueue}.
 *
 * <p>Of a password bcrypt takes the first 72 bytes; what is behind them does not matter, as with
 * crypt(3) and exporter-toolkit. It ends its key by a NUL byte and begins it again, so that {@code
 * a} and {@code a\0a} would be the same: a password with a NUL byte is wrong.
 */
final class PasswordCheck {
  private static final int REMEMBERED_MAX = 100;

  /** Salt and hash of a random password. */
  private static final String NOBODY = "QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

  private static final int COST_AT = "$2y$".length();
  private static final int COST_END = COST_AT + 2;

  private final HashQueue queue = new HashQueue();
  private final Set<String> right = remembered();
  private final Set<String> wrong = remembered();

  /** What became of a try. */
  enum Outcome {
    RIGHT,
    WRONG,
    /** Too many others are being tried. */
    BUSY
  }

  private static Set<String> remembered() {
    return Collections.synchronizedSet(
        Collections.newSetFromMap(
            new LinkedHashMap<>() {
              @Override
              protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                return size() > REMEMBERED_MAX;
              }
            }));
  }

  /**
   * Tries a password; an unknown user costs as much time as the most expensive known one.
   *
   * @param users user → hash
   * @param from who asks
   */
  Outcome of(Map<String, String> users, String user, byte[] password, InetAddress from) {
    String known = users.get(user);
    String hash = known == null ? nobody(users) : known;
    String key = key(user, hash, password);
    Outcome before = remembered(key);
    if (before != null) {
      return before;
    }
    if (!queue.enter(from)) {
      return Outcome.BUSY;
    }
    try {
      before = remembered(key); // Another connection may have asked the same meanwhile.
      if (before != null) {
        return before;
      }
      boolean matches = BCrypt.checkpw(password, hash) && known != null && !hasNul(password);
      (matches ? right : wrong).add(key);
      return matches ? Outcome.RIGHT : Outcome.WRONG;
    } finally {
      queue.leave(from);
    }
  }

  private @Nullable Outcome remembered(String key) {
    if (right.contains(key)) {
      return Outcome.RIGHT;
    }
    return wrong.contains(key) ? Outcome.WRONG : null;
  }

  private static boolean hasNul(byte[] password) {
    for (byte one : password) {
      if (one == 0) {
        return true;
      }
    }
    return false;
  }

  private static String nobody(Map<String, String> users) {
    String cost =
        users.values().stream()
            .map(hash -> hash.substring(COST_AT, COST_END))
            .max(String::compareTo)
            .orElse("10");
    return "$2y$" + cost + "$" + NOBODY;
  }

  /** The user is part of it: else what is known of one unknown user would give away others. */
  private static String key(String user, String hash, byte[] password) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (byte[] part :
          new byte[][] {
            user.getBytes(StandardCharsets.UTF_8), hash.getBytes(StandardCharsets.UTF_8), password
          }) {
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
        sha.update(part);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
