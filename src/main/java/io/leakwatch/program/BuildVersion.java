package io.leakwatch.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version this program was built as. */
public final class BuildVersion implements IVersionProvider {
  private static final String RESOURCE = "/io/leakwatch/build.properties";

  /** E.g. {@code 0.2.0}. */
  public static String version() {
    Properties build = new Properties();
    try (InputStream in = BuildVersion.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        build.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE, e);
    }
    return build.getProperty("version", "unknown");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"leakwatch " + version()};
  }
}
