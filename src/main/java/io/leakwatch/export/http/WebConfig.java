package io.leakwatch.export.http;

import io.leakwatch.text.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * A {@code web.config.file} in the format of Prometheus' exporter-toolkit: TLS and basic auth. Keys
 * that leakwatch does not know are refused, because to overlook one would open the port wider than
 * its owner believes.
 *
 * @param tls null for plain HTTP
 * @param users user → bcrypt hash; without any nobody is asked for a password
 */
record WebConfig(@Nullable Tls tls, Map<String, String> users) {
  static final WebConfig OPEN = new WebConfig(null, Map.of());
  private static final long FILE_BYTES_MAX = 1 << 20;
  private static final Set<String> VERSIONS = Set.of("TLS12", "TLS13");
  private static final Set<String> CLIENT_AUTH =
      Set.of(
          "NoClientCert",
          "RequestClientCert",
          "RequireAnyClientCert",
          "VerifyClientCertIfGiven",
          "RequireAndVerifyClientCert");

  /**
   * @param minVersion {@code TLS12} or {@code TLS13}
   * @param requireClient whether a client must show a certificate that the CA has signed
   * @param clientCaFile empty for none
   */
  record Tls(
      Path certFile, Path keyFile, String minVersion, boolean requireClient, Path clientCaFile) {}

  WebConfig {
    users = Map.copyOf(users);
  }

  /**
   * @throws IOException when the file cannot be read or is wrong; the message says where and why
   */
  static WebConfig read(Path file) throws IOException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new IOException(file + ": larger than " + Quantity.size(FILE_BYTES_MAX));
    }
    try {
      LoadSettings bounded =
          LoadSettings.builder().setLabel(file.toString()).setMaxAliasesForCollections(8).build();
      Object document = new Load(bounded).loadFromString(Files.readString(file));
      if (document == null) {
        return OPEN;
      }
      Section root = Section.of(document, file.toString());
      WebConfig config = new WebConfig(tls(root, file.toAbsolutePath().normalize()), users(root));
      root.end();
      return config;
    } catch (YamlEngineException e) {
      throw new IOException(
          file + ": " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "), e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Tls tls(Section root, Path file) {
    Section section = root.section("tls_server_config");
    if (section.isEmpty()) {
      return null;
    }
    Path base = file.resolveSibling("");
    String minVersion = section.oneOf("min_version", "TLS12", VERSIONS);
    String clientAuth = section.oneOf("client_auth_type", "NoClientCert", CLIENT_AUTH);
    String clientCa = section.text("client_ca_file", "");
    boolean require = clientAuth.equals("RequireAndVerifyClientCert");
    if (!require && !clientAuth.equals("NoClientCert")) {
      throw new IllegalArgumentException(
          "client_auth_type: only NoClientCert and RequireAndVerifyClientCert are supported");
    }
    if (require == clientCa.isEmpty()) {
      throw new IllegalArgumentException(
          "client_ca_file and client_auth_type RequireAndVerifyClientCert belong together");
    }
    Tls tls =
        new Tls(
            base.resolve(section.text("cert_file", null)),
            base.resolve(section.text("key_file", null)),
            minVersion,
            require,
            clientCa.isEmpty() ? Path.of("") : base.resolve(clientCa));
    section.end();
    return tls;
  }

  private static Map<String, String> users(Section root) {
    Section section = root.section("basic_auth_users");
    Map<String, String> users = new LinkedHashMap<>();
    for (String user : section.keys()) {
      String hash = section.text(user, null);
      if (!hash.matches("\\$2[aby]\\$(0[4-9]|[12]\\d|3[01])\\$[./A-Za-z0-9]{53}")) {
        throw new IllegalArgumentException("basic_auth_users: " + user + ": not a bcrypt hash");
      }
      users.put(user, hash);
    }
    section.end();
    return users;
  }

  /** One YAML mapping, read key by key; what nobody asked for is an error. */
  private static final class Section {
    private final String where;
    private final Map<String, Object> rest = new LinkedHashMap<>();

    private Section(String where) {
      this.where = where;
    }

    static Section of(Object value, String where) {
      Section section = new Section(where);
      if (!(value instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException(where + ": not a mapping");
      }
      map.forEach((key, item) -> section.rest.put(String.valueOf(key), item));
      return section;
    }

    boolean isEmpty() {
      return rest.isEmpty();
    }

    Set<String> keys() {
      return Set.copyOf(rest.keySet());
    }

    Section section(String key) {
      Object value = rest.remove(key);
      return value == null ? new Section(key) : of(value, key);
    }

    String text(String key, @Nullable String otherwise) {
      Object value = rest.remove(key);
      if (value instanceof String text) {
        return text;
      }
      if (value == null && otherwise != null) {
        return otherwise;
      }
      throw new IllegalArgumentException(where + ": " + key + ": must be a string");
    }

    String oneOf(String key, String otherwise, Set<String> allowed) {
      String value = text(key, otherwise);
      if (!allowed.contains(value)) {
        throw new IllegalArgumentException(where + ": " + key + ": unknown value " + value);
      }
      return value;
    }

    void end() {
      if (!rest.isEmpty()) {
        throw new IllegalArgumentException(
            where + ": unsupported key " + rest.keySet().iterator().next());
      }
    }
  }
}
