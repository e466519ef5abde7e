package io.leakwatch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.leakwatch.app.Main;
import io.leakwatch.os.RootedFile;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the way of the data: which package may know which. */
class ArchitectureTest {
  private static final String ROOT = "io.leakwatch.";

  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());

  /**
   * Package → the own packages that it may import, beside {@code text}, which all may. {@code
   * config} and {@code app} see more.
   */
  private static final Map<String, Set<String>> MAY_IMPORT =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("text", Set.of()),
              Map.entry("os", Set.of()),
              Map.entry("net", Set.of()),
              Map.entry("proc", Set.of("os")),
              Map.entry("region", Set.of("proc")),
              Map.entry("heap", Set.of("region", "proc", "os")),
              Map.entry("history", Set.of()),
              Map.entry("load", Set.of("history", "net")),
              Map.entry("trend", Set.of("history")),
              Map.entry("diagnose", Set.of("trend", "history", "heap", "region", "proc")),
              Map.entry("alert", Set.of("diagnose", "history", "net")),
              Map.entry("gateway", Set.of("alert", "export", "load", "net")),
              Map.entry("export", Set.of("alert", "diagnose", "history", "heap", "region", "os"))));

  @Test
  void dataFlowsOneWay() {
    for (Map.Entry<String, Set<String>> rule : MAY_IMPORT.entrySet()) {
      String[] allowed =
          Stream.concat(rule.getValue().stream(), Stream.of(rule.getKey(), "text"))
              .map(name -> ROOT + name + "..")
              .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage(ROOT + rule.getKey() + "..")
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("io.leakwatch..").and(not(resideInAnyPackage(allowed))))
          .allowEmptyShould(true)
          .check(PROGRAM);
    }
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "app..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(ROOT + "app..")
        .check(PROGRAM);
  }

  @Test
  void everyPackageHasAPlaceInTheTable() {
    Set<String> found =
        PROGRAM.stream()
            .map(c -> c.getPackageName().substring(ROOT.length()).split("\\.")[0])
            .collect(Collectors.toSet());
    Set<String> known =
        Stream.concat(MAY_IMPORT.keySet().stream(), Stream.of("config", "app"))
            .collect(Collectors.toSet());
    assertEquals(known, found);
  }

  @Test
  void outsideLibrariesStayInTheirRooms() {
    Map<String, List<String>> rooms =
        Map.ofEntries(
            Map.entry("com.sun.jna..", List.of("os")),
            Map.entry("org.sqlite..", List.of("history")),
            Map.entry("java.sql..", List.of("history")),
            Map.entry("io.micrometer..", List.of("export", "app")),
            Map.entry("io.prometheus..", List.of("export")),
            Map.entry("com.sun.net.httpserver..", List.of("export")),
            Map.entry("com.typesafe.config..", List.of("config")),
            Map.entry("org.springframework..", List.of("export")),
            Map.entry("picocli..", List.of("app")),
            Map.entry("org.slf4j..", List.of("app")),
            Map.entry("ch.qos.logback..", List.of("app")));
    rooms.forEach(
        (library, homes) ->
            noClasses()
                .that()
                .resideOutsideOfPackages(
                    homes.stream().map(home -> ROOT + home + "..").toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(PROGRAM));
  }

  @Test
  void onlyAppHasThreadsAndExit() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "app..", ROOT + "export..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.lang.Thread")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("java.util.concurrent..")
        .check(PROGRAM);
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "app..")
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(PROGRAM);
  }

  /**
   * What a process has below its root may be a pipe, a device or a link to anywhere; whoever opens
   * files in the rooms that look at processes goes through {@code RootedFile} or reads /proc.
   */
  @Test
  void filesOfTargetsHaveOneDoor() {
    DescribedPredicate<JavaMethodCall> opens =
        DescribedPredicate.describe(
            "open a file by its path",
            call ->
                (call.getTargetOwner().isEquivalentTo(Files.class)
                        && call.getName()
                            .matches("new(Input|Byte|Buffered).*|read(All|String).*|lines"))
                    || (call.getTargetOwner().isEquivalentTo(FileChannel.class)
                        && call.getName().equals("open")));
    noClasses()
        .that(
            resideInAnyPackage(
                    ROOT + "os..",
                    ROOT + "proc..",
                    ROOT + "region..",
                    ROOT + "heap..",
                    ROOT + "load..",
                    ROOT + "diagnose..",
                    ROOT + "app..")
                .and(not(type(RootedFile.class)))
                .and(not(nameMatching(".*\\.(ProcFile|ListeningSockets|PageSize)")))
                .and(not(nameMatching(".*\\.(NodeName|ReplayedFile)"))))
        .should()
        .callMethodWhere(opens)
        .check(PROGRAM);
    for (Class<?> stream : List.of(FileInputStream.class, RandomAccessFile.class)) {
      noClasses()
          .that(not(nameMatching(".*\\.FullScreen")))
          .should()
          .dependOnClassesThat()
          .areAssignableTo(stream)
          .check(PROGRAM);
    }
  }

  /** An error that is caught leaves a thread that does not do its work any more. */
  @Test
  void nobodyCatchesEveryError() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String text = Files.readString(file);
        assertFalse(
            text.matches(
                "(?s).*catch \\([^)]*\\b(Throwable|(OutOfMemory|VirtualMachine)?Error) \\w+\\).*"),
            file::toString);
      }
    }
  }

  @Test
  void classesAreFinalUnlessSealedOrAbstract() {
    classes()
        .that()
        .areNotInterfaces()
        .and()
        .areNotEnums()
        .and()
        .areNotAnonymousClasses()
        .and()
        .doNotHaveModifier(JavaModifier.ABSTRACT)
        .should()
        .haveModifier(JavaModifier.FINAL)
        .check(PROGRAM);
  }
}
