package io.leakwatch.inspection;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.program.BuildVersion;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which builds an incident happened on: kernel, executable, libc, and this program. */
public final class Versions {
  private static final Pattern LIBC =
      Pattern.compile("(/\\S*/libc(?:-[0-9.]+)?\\.so(?:\\.6)?)(?: \\(deleted\\))?");

  private Versions() {}

  /**
   * What is known without a file of the process.
   *
   * @param kernel its release, {@code ""} when unknown
   * @param exeBuildId of the executable, {@code ""} when unknown
   */
  public static Map<String, String> known(String kernel, String exeBuildId) {
    Map<String, String> versions = new TreeMap<>();
    versions.put("leakwatch", BuildVersion.version());
    versions.put("java", System.getProperty("java.version", ""));
    if (!kernel.isEmpty()) {
      versions.put("kernel", kernel);
    }
    if (!exeBuildId.isEmpty()) {
      versions.put("exe_build_id", exeBuildId);
    }
    return versions;
  }

  /**
   * The same with what the process' libc says of itself.
   *
   * @param table the mappings of the process
   * @param missing takes what cannot be read
   */
  public static Map<String, String> read(
      String kernel,
      String exeBuildId,
      ProcessReader reader,
      MappingTable table,
      List<String> missing) {
    Map<String, String> versions = known(kernel, exeBuildId);
    if (exeBuildId.isEmpty()) {
      missing.add("build of exe: it has no build id, or may not be read");
    }
    for (int i = 0; i < table.size(); i++) {
      Matcher libc = LIBC.matcher(table.name(i));
      if (libc.matches()) {
        versions.put("libc_file", libc.group(1));
        addLibc(versions, reader, table, i, missing);
        return versions;
      }
    }
    return versions;
  }

  private static void addLibc(
      Map<String, String> versions,
      ProcessReader reader,
      MappingTable table,
      int mapping,
      List<String> missing) {
    String name = table.name(mapping);
    try {
      Optional<ElfImage> opened = ElfImage.open(reader.files().ofMapping(table, mapping));
      if (opened.isEmpty()) {
        missing.add("build of libc: " + name + " is not an ELF file");
        return;
      }
      try (ElfImage image = opened.get()) {
        versions.put("libc_build_id", image.buildId());
        String version = image.glibcVersion();
        if (!version.isEmpty()) {
          versions.put("glibc", version);
        }
      }
    } catch (IOException e) {
      missing.add("build of libc: " + name + " cannot be read (" + reason(e) + ")");
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e instanceof FileSystemException refused && refused.getReason() != null
        ? refused.getReason()
        : String.valueOf(e.getMessage());
  }
}
