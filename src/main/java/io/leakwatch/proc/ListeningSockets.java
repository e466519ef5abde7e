package io.leakwatch.proc;

import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.Refusal;
import io.leakwatch.proc.identity.ProcessId;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The TCP sockets on which a process listens.
 *
 * <p>{@code /proc/PID/net/tcp} and {@code tcp6} list the sockets of the whole network namespace,
 * those that listen first; the process' own are those whose inodes its descriptors lead to. A
 * socket bound to all addresses is reported with the loopback's. Sockets of another network
 * namespace than the caller's cannot be called, so there are none to tell.
 */
public final class ListeningSockets {
  private static final String LISTEN = "0A";
  private static final int LINES_MAX = 4096;
  private static final int DESCRIPTORS_MAX = 262_144;

  private ListeningSockets() {}

  /**
   * The addresses, by port descending: a metrics port lies above the service's.
   *
   * @param network the namespace of whoever is to call, as {@code /proc/PID/ns/net} names it
   */
  public static Outcome<List<InetSocketAddress>> of(ProcFs procFs, ProcessId id, String network) {
    Path directory = procFs.directory(id.pid());
    Path file = directory.resolve("ns/net");
    try {
      if (!Files.readSymbolicLink(file).toString().equals(network)) {
        return Outcome.unable(
            "it listens in its own network namespace, where its endpoint is not"
                + " searched for: set load.url");
      }
      Map<String, InetSocketAddress> byInode = new HashMap<>();
      for (String table : new String[] {"tcp", "tcp6"}) {
        file = directory.resolve("net").resolve(table);
        if (ProcFile.isThere(file)) {
          readTable(file, byInode);
        }
      }
      file = directory.resolve("fd");
      return Outcome.sampled(owned(file, byInode));
    } catch (IOException e) {
      return Refusal.of(e, file, directory);
    }
  }

  private static void readTable(Path table, Map<String, InetSocketAddress> byInode)
      throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(table, StandardCharsets.US_ASCII)) {
      lines.readLine();
      String line = lines.readLine();
      for (int i = 0; line != null && i < LINES_MAX; i++) {
        String[] words = line.strip().split("\\s+", 11);
        if (words.length < 10 || !words[3].equals(LISTEN)) {
          return;
        }
        address(words[1]).ifPresent(address -> byInode.put("socket:[" + words[9] + "]", address));
        line = lines.readLine();
      }
    }
  }

  /** {@code 0100007F:1A0A}: 32-bit words as this machine stores them, and the port. */
  static Optional<InetSocketAddress> address(String text) throws IOException {
    int colon = text.indexOf(':');
    if (colon != 8 && colon != 32) {
      return Optional.empty();
    }
    try {
      byte[] bytes = HexFormat.of().parseHex(text, 0, colon);
      for (int word = 0; word < bytes.length; word += 4) {
        swap(bytes, word, word + 3);
        swap(bytes, word + 1, word + 2);
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      InetAddress called =
          address.isAnyLocalAddress()
              ? InetAddress.getByAddress(new byte[] {127, 0, 0, 1})
              : address;
      int port = HexFormat.fromHexDigits(text, colon + 1, text.length());
      return Optional.of(new InetSocketAddress(called, port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static void swap(byte[] bytes, int a, int b) {
    byte kept = bytes[a];
    bytes[a] = bytes[b];
    bytes[b] = kept;
  }

  private static List<InetSocketAddress> owned(Path fd, Map<String, InetSocketAddress> byInode)
      throws IOException {
    List<InetSocketAddress> owned = new ArrayList<>();
    Descriptors.visit(
        fd,
        DESCRIPTORS_MAX,
        (link, target) -> {
          InetSocketAddress address = byInode.remove(target);
          if (address != null && !owned.contains(address)) {
            owned.add(address);
          }
          return !byInode.isEmpty();
        });
    owned.sort(Comparator.comparingInt(InetSocketAddress::getPort).reversed());
    return owned;
  }
}
