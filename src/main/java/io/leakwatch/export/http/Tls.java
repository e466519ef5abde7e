package io.leakwatch.export.http;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** TLS of the HTTP server. Every handshake asks again which certificate to show. */
final class Tls {
  private Tls() {}

  /** The certificate and key of the files. */
  static X509ExtendedKeyManager keys(WebConfig.Tls settings)
      throws IOException, GeneralSecurityException {
    List<Certificate> chain = Pem.certificates(settings.certFile());
    KeyStore keys = empty();
    keys.setKeyEntry(
        "server",
        Pem.privateKey(settings.keyFile()),
        new char[0],
        chain.toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, new char[0]);
    for (KeyManager manager : factory.getKeyManagers()) {
      if (manager instanceof X509ExtendedKeyManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("this Java runtime does not support X.509 keys");
  }

  /**
   * How the server speaks TLS.
   *
   * @param current gives the certificate of the next handshake
   */
  static HttpsConfigurator configurator(
      WebConfig.Tls settings, Supplier<X509ExtendedKeyManager> current)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new CurrentKeys(current)}, trusted(settings), null);
    return new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters parameters) {
        SSLParameters tls = getSSLContext().getDefaultSSLParameters();
        tls.setProtocols(
            settings.minVersion().equals("TLS13")
                ? new String[] {"TLSv1.3"}
                : new String[] {"TLSv1.2", "TLSv1.3"});
        tls.setNeedClientAuth(settings.requireClient());
        parameters.setSSLParameters(tls);
      }
    };
  }

  private static TrustManager @Nullable [] trusted(WebConfig.Tls settings)
      throws IOException, GeneralSecurityException {
    if (!settings.requireClient()) {
      return null;
    }
    KeyStore authorities = empty();
    int i = 0;
    for (Certificate authority : Pem.certificates(settings.clientCaFile())) {
      authorities.setCertificateEntry("ca" + i++, authority);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(authorities);
    return factory.getTrustManagers();
  }

  private static KeyStore empty() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  /** The server's keys, whichever they are at the moment of a handshake. */
  private static final class CurrentKeys extends X509ExtendedKeyManager {
    private final Supplier<X509ExtendedKeyManager> current;

    CurrentKeys(Supplier<X509ExtendedKeyManager> current) {
      this.current = current;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
      return current.get().chooseEngineServerAlias(keyType, issuers, engine);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, Socket socket) {
      return current.get().chooseServerAlias(keyType, issuers, socket);
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
      return current.get().getCertificateChain(alias);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
      return current.get().getPrivateKey(alias);
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      return current.get().getServerAliases(keyType, issuers);
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
      return null;
    }
  }
}
