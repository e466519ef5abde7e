package io.leakwatch.os;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Password hashes of the system's libcrypt ({@code crypt_r(3)}), which knows bcrypt's {@code $2y$}
 * and {@code $2b$} where the library is libxcrypt (Debian since 11, Red Hat since 8). Every call
 * works on memory of its own and may run beside others.
 */
public final class Crypt {

  /** {@code sizeof(struct crypt_data)}: 32,768 in libxcrypt, 131,232 in glibc's old library. */
  private static final int DATA_BYTES = 131_232;

  private static final int PASSWORD_BYTES_MAX = 512;

  private interface LibCrypt extends Library {
    @Nullable String crypt_r(byte[] key, byte[] setting, Pointer data);
  }

  private final LibCrypt library;

  private Crypt(LibCrypt library) {
    this.library = library;
  }

  /** Loads the library; empty where the node has none. */
  public static Optional<Crypt> load() {
    return load("libcrypt.so.1").or(() -> load("libcrypt.so.2"));
  }

  private static Optional<Crypt> load(String name) {
    try {
      return Optional.of(new Crypt(Native.load(name, LibCrypt.class)));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /**
   * Hashes a password with the method, cost and salt of a setting (a whole hash is one).
   *
   * @return the hash, empty when the library knows no such method or the setting is malformed
   */
  public Optional<String> hash(String password, String setting) {
    byte[] key = password.getBytes(StandardCharsets.UTF_8);
    if (key.length > PASSWORD_BYTES_MAX || password.indexOf(0) >= 0 || setting.indexOf(0) >= 0) {
      return Optional.empty();
    }
    try (Memory data = new Memory(DATA_BYTES)) {
      data.clear();
      String hash =
          library.crypt_r(
              terminated(key), terminated(setting.getBytes(StandardCharsets.UTF_8)), data);
      return Optional.ofNullable(hash).filter(h -> !h.startsWith("*"));
    }
  }

  private static byte[] terminated(byte[] text) {
    return Arrays.copyOf(text, text.length + 1);
  }
}
