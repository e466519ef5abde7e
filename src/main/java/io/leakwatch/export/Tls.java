package io.leakwatch.export;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** TLS of the HTTP server, built anew from its files when these change. */
final class Tls {
  private Tls() {}

  static SSLContext context(WebConfig.Tls settings) throws IOException, GeneralSecurityException {
    List<Certificate> chain = Pem.certificates(settings.certFile());
    KeyStore keys = empty();
    keys.setKeyEntry(
        "server",
        Pem.privateKey(settings.keyFile()),
        new char[0],
        chain.toArray(new Certificate[0]));
    KeyManagerFactory keyManagers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keyManagers.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers.getKeyManagers(), trusted(settings), null);
    return context;
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

  /**
   * @param onHandshake is called at each handshake, before it: a certificate that has expired would
   *     keep requests, and with them the look for a new file, from ever getting through
   */
  static HttpsConfigurator configurator(
      SSLContext context, WebConfig.Tls settings, Runnable onHandshake) {
    return new HttpsConfigurator(context) {
      @Override
      public void configure(HttpsParameters parameters) {
        onHandshake.run();
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
}
