package io.leakwatch.app;

import com.google.gson.JsonObject;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import io.leakwatch.region.ElfImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which builds an incident happened on: kernel, executable, libc, and this program. */
final class Versions {
  private static final Pattern LIBC =
      Pattern.compile("[0-9a-f]+-.* (/\\S*/libc(?:-[0-9.]+)?\\.so(?:\\.6)?)(?: \\(deleted\\))?");
  private static final int LINES_MAX = 100_000;

  private Versions() {}

  /** An object of them; what cannot be read is told to {@code missing}. */
  static String json(ProcFs procFs, ProcessId id, List<String> missing) {
    JsonObject json = new JsonObject();
    json.addProperty("leakwatch", BuildVersion.version());
    json.addProperty("java", System.getProperty("java.version", ""));
    json.addProperty("kernel", procFs.kernelFeatures().release());
    Path process = procFs.procRoot().resolve(Integer.toString(id.pid()));
    addImage(json, "exe", process.resolve("exe"), missing);
    try {
      Optional<String> libc = libc(process.resolve("maps"));
      if (libc.isPresent()) {
        json.addProperty("libc_file", libc.get());
        addImage(json, "libc", process.resolve("root" + libc.get()), missing);
      }
    } catch (IOException e) {
      missing.add("version of libc: " + e);
    }
    return json.toString();
  }

  private static Optional<String> libc(Path maps) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(maps, StandardCharsets.ISO_8859_1)) {
      String line = lines.readLine();
      for (int i = 0; line != null && i < LINES_MAX; i++) {
        Matcher matcher = LIBC.matcher(line);
        if (matcher.matches()) {
          return Optional.of(matcher.group(1));
        }
        line = lines.readLine();
      }
    }
    return Optional.empty();
  }

  private static void addImage(JsonObject json, String name, Path file, List<String> missing) {
    try {
      Optional<ElfImage> opened = ElfImage.open(file);
      if (opened.isPresent()) {
        try (ElfImage image = opened.get()) {
          json.addProperty(name + "_build_id", image.buildId());
          String version = name.equals("libc") ? image.glibcVersion() : "";
          if (!version.isEmpty()) {
            json.addProperty("glibc", version);
          }
        }
      }
    } catch (IOException e) {
      missing.add("build of " + name + ": " + e);
    }
  }
}
