package io.leakwatch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.leakwatch.app.Main;
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

  /** Package → the own packages that it may import. {@code config} and {@code app} see more. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      new TreeMap<>(
          Map.ofEntries(
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
          Stream.concat(rule.getValue().stream(), Stream.of(rule.getKey()))
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
