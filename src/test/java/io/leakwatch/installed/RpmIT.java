package io.leakwatch.installed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rpm packages as files: the same as the Debian packages, but for what rpm does otherwise. */
class RpmIT {
  private static final Path DIST = Path.of("target", "dist");

  /** {@code LIBRARY.so.N(VERSION_1.2)(64bit)}. */
  private static final Pattern VERSIONED =
      Pattern.compile("(\\S+\\.so\\.\\d+)\\(([A-Z_a-z]+)([0-9.]+)\\)\\(64bit\\)");

  @TempDir private Path directory;

  /** The package that this build has made. */
  static Path rpm(String name) {
    return PackageIT.built(name + "-\\d.*\\.rpm");
  }

  @ParameterizedTest
  @ValueSource(strings = {"leakwatch", "leakwatch-nojre"})
  void rpmlintShouldFindNothingAndTheDigestsShouldHold(String name) {
    String said = run("rpmlint", "--config", "deploy/rpm/rpmlint.toml", rpm(name).toString());
    assertTrue(said.contains(" 0 errors, 0 warnings,"), said);
    run("rpm", "--checksig", "--nosignature", rpm(name).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"leakwatch", "leakwatch-nojre"})
  void filesShouldBeThoseOfTheDebianPackage(String name) throws IOException {
    Set<String> differing = new TreeSet<>(debFiles(name));
    Set<String> rpmFiles = rpmFiles(name);
    differing.removeAll(rpmFiles);
    assertEquals(
        Set.of(
            "-rw-r--r-- root root /usr/share/doc/" + name + "/changelog.gz",
            "-rw-r--r-- root root /usr/share/lintian/overrides/" + name),
        differing);
    rpmFiles.removeAll(debFiles(name));
    String plain = "-rw-r--r-- root root /usr/lib/";
    assertEquals(
        Set.of(
            plain + "leakwatch/leakwatch.jsa",
            plain + "leakwatch/systemd-219/leakwatch.conf",
            plain + "leakwatch/systemd-219/leakwatch-gateway.conf",
            plain + "systemd/system-preset/80-leakwatch.preset"),
        rpmFiles);

    Path unpacked = Files.createDirectory(directory.resolve("deb"));
    run("dpkg-deb", "--extract", PackageIT.deb(name).toString(), unpacked.toString());
    Path installed = Files.createDirectory(directory.resolve("rpm"));
    String root = "--root=" + installed;
    run("rpm", root, "--install", "--nodeps", "--noscripts", rpm(name).toString());
    String verified = run("rpm", root, "--verify", "--nodeps", name);
    assertEquals("", verified);
    for (String file : List.of("usr/lib/leakwatch", "usr/bin", "usr/share/man", "etc/leakwatch")) {
      Tool.Result same =
          Tool.run("", List.of("diff", "-r", at(unpacked, file), at(installed, file)));
      assertTrue(
          same.status() == 0 || same.output().matches("Only in \\S+leakwatch: systemd-219\n"),
          same::output);
    }
    assertEquals(
        "/etc/leakwatch/leakwatch.conf 17", // %config(noreplace)
        run("rpm", "-qp", "--qf", "[%{FILENAMES} %{FILEFLAGS}\n]", rpm(name).toString())
            .lines()
            .filter(line -> line.startsWith("/etc/leakwatch/"))
            .collect(Collectors.joining()));
  }

  private static String at(Path tree, String file) {
    return tree.resolve(file).toString();
  }

  /** Lines of mode, owner, group and path, without the directories. */
  private static Set<String> debFiles(String name) {
    return run("dpkg-deb", "--contents", PackageIT.deb(name).toString())
        .lines()
        .filter(line -> !line.startsWith("d"))
        .map(line -> line.split("\\s+"))
        .map(part -> part[0] + " " + part[1].replace('/', ' ') + " " + part[5].substring(1))
        .map(line -> line.replace(" /lib/systemd/", " /usr/lib/systemd/"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> rpmFiles(String name) {
    String format = "[%{FILEMODES:perms} %{FILEUSERNAME} %{FILEGROUPNAME} %{FILENAMES}\n]";
    return run("rpm", "-qp", "--qf", format, rpm(name).toString())
        .lines()
        .filter(line -> !line.startsWith("d"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** No build of rpm's finds them here: they stand in pom.xml, and go with the build's own JDK. */
  @Test
  void requirementsShouldBeWhatTheRuntimesFilesNeed() throws IOException {
    Map<String, String> needed = new HashMap<>();
    for (Path file : elfFiles(DIST.resolve("leakwatch"))) {
      raise(needed, run("/usr/lib/rpm/elfdeps", "--requires", file.toString()));
    }
    needed
        .keySet()
        .removeIf(library -> library.matches("lib(java|jvm|jli|net|zip|pthread|dl)\\..*"));
    needed.keySet().removeIf(library -> library.startsWith("ld-linux"));
    Map<String, String> stated = new HashMap<>();
    raise(stated, run("rpm", "-qp", "--requires", rpm("leakwatch").toString()));
    assertEquals(needed, stated);
  }

  /** The oldest glibc with a Java 17 that is packaged for it is that of CentOS 7. */
  @Test
  void nativeLibrariesOfBothMachinesShouldNeedNoNewGlibc() throws IOException {
    List<Path> files = elfFiles(DIST.resolve("leakwatch-nojre"));
    assertEquals(4, files.size(), files::toString);
    Map<String, String> needed = new HashMap<>();
    for (Path file : files) {
      raise(needed, run("/usr/lib/rpm/elfdeps", "--requires", file.toString()));
    }
    String newest = needed.get("libc.so.6 GLIBC_");
    assertTrue(newest != null && older(newest, "2.18"), needed::toString);
  }

  private static List<Path> elfFiles(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      return files
          .filter(file -> file.toString().matches(".*(\\.so|/bin/java|/jspawnhelper)"))
          .toList();
    }
  }

  /** Keeps the newest version of each library's symbols. */
  private static void raise(Map<String, String> newest, String dependencies) {
    for (MatchResult one : VERSIONED.matcher(dependencies).results().toList()) {
      newest.merge(one.group(1) + " " + one.group(2), one.group(3), (a, b) -> older(a, b) ? b : a);
    }
  }

  private static boolean older(String version, String other) {
    return Version.parse(version).compareTo(Version.parse(other)) < 0;
  }

  private static String run(String... command) {
    Tool.Result result = Tool.run("", List.of(command));
    assertEquals(0, result.status(), result.output());
    return result.output().strip();
  }
}
