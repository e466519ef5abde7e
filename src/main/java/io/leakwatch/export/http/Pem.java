package io.leakwatch.export.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Certificates and private keys in PEM files, as OpenSSL and every CA write them. */
final class Pem {
  private static final int FILE_BYTES_MAX = 1 << 20;
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END");

  /** DER of PKCS #8's version 0 and the algorithm identifier of RSA (RFC 8017 A.1). */
  private static final byte[] RSA_PREFIX = {
    2, 1, 0, 0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1, 5, 0
  };

  private Pem() {}

  static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      List<Certificate> found =
          List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
      if (found.isEmpty()) {
        throw new IOException(file + ": holds no certificate");
      }
      return found;
    }
  }

  static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new IOException(file + ": too large for a key");
    }
    Matcher block = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
    if (!block.find()) {
      throw new IOException(file + ": holds no private key in PEM");
    }
    byte[] der = Base64.getMimeDecoder().decode(block.group(2));
    String type = block.group(1).trim();
    if (type.equals("RSA")) {
      der = sequence(concat(RSA_PREFIX, tagged(4, der)));
    } else if (!type.isEmpty()) {
      throw new IOException(
          file + ": convert this key by openssl pkcs8 -topk8 -nocrypt -in " + file);
    }
    for (String algorithm : new String[] {"RSA", "EC", "Ed25519"}) {
      Optional<PrivateKey> key = parse(algorithm, der);
      if (key.isPresent()) {
        return key.get();
      }
    }
    throw new IOException(file + ": neither an RSA nor an EC nor an Ed25519 key");
  }

  private static Optional<PrivateKey> parse(String algorithm, byte[] der)
      throws GeneralSecurityException {
    try {
      KeyFactory factory = KeyFactory.getInstance(algorithm);
      return Optional.of(factory.generatePrivate(new PKCS8EncodedKeySpec(der)));
    } catch (InvalidKeySpecException e) {
      return Optional.empty();
    }
  }

  private static byte[] sequence(byte[] content) {
    return tagged(0x30, content);
  }

  private static byte[] tagged(int tag, byte[] content) {
    int n = content.length;
    byte[] head =
        n < 128
            ? new byte[] {(byte) tag, (byte) n}
            : n < 256
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) n}
                : n < 65_536
                    ? new byte[] {(byte) tag, (byte) 0x82, (byte) (n >> 8), (byte) n}
                    : new byte[] {
                      (byte) tag, (byte) 0x83, (byte) (n >> 16), (byte) (n >> 8), (byte) n
                    };
    return concat(head, content);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = new byte[first.length + second.length];
    System.arraycopy(first, 0, both, 0, first.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
