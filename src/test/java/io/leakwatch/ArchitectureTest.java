package io.leakwatch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import io.leakwatch.config.Configuration;
import io.leakwatch.os.RootedFile;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.time.SystemTime;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the way of the data: which package may know which. */
class ArchitectureTest {
  private static final String ROOT = "io.leakwatch.";
  private static final int CLASSES_MAX = 25;
  private static final int PARTS_MAX = 7;
  private static final Class<?> BOUND = Configuration.class;

  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .importUrl(Main.class.getProtectionDomain().getCodeSource().getLocation());

  /**
   * Room: the rooms that it may import, beside {@code text} and {@code time}, which all may. A star
   * stands for a room with all rooms below it. The order is that of the data, so nothing points
   * upward.
   */
  private static final Map<String, String> MAY_IMPORT =
      table(
          """
          text:
          time:
          program:
          os:
          net:
          proc.identity:
          proc.file: os
          proc.memory: os proc.file
          proc.limits: proc.file proc.memory
          proc: os proc.*
          saved: proc.* program
          elf: proc.* os
          saved.core: saved elf proc.* os program
          symbols.mangling:
          symbols: elf proc.* symbols.mangling
          region.kind:
          region: region.kind elf proc.*
          heap.memory: os proc.*
          heap: heap.memory region.kind proc.file
          heap.ptmalloc: heap heap.memory region.kind elf proc.* os
          heap.jemalloc: heap heap.memory region.kind elf symbols.* proc.*
          heap.tcmalloc: heap heap.memory region.kind proc.*
          heap.mimalloc: heap heap.memory region.kind proc.*
          heap.python: heap heap.memory region.kind proc.*
          heap.musl: heap heap.memory region.kind proc.*
          heap.beam: heap heap.memory region.kind proc.* text
          heap.golang: heap heap.memory region.kind elf proc.*
          heap.hotspot: heap heap.memory region.kind elf proc.*
          heap.turnover: heap region.* proc.* os
          heap.content: heap heap.turnover symbols.* region.* proc.* os
          heap.holders: heap heap.memory elf symbols.* region.* proc.*
          sample: region.kind
          history.block: sample
          history: history.block sample
          history.csv: history.block sample
          load: sample net
          trend.statistics:
          trend.load: trend.statistics sample
          trend: trend.load trend.statistics sample
          verdict: trend.* sample region.kind proc.limits
          alert: verdict sample net
          export: alert verdict sample heap heap.jemalloc region.*
          export.http: export
          export.profile: heap
          export.json: export alert verdict sample heap heap.jemalloc heap.tcmalloc heap.golang heap.hotspot region.*
          export.text: export export.json export.profile alert verdict sample heap heap.jemalloc heap.tcmalloc heap.golang heap.hotspot region.*
          export.metrics: export alert verdict sample heap heap.jemalloc heap.golang region.*
          export.table: export export.text alert verdict heap heap.jemalloc
          export.page: export.http
          export.api: export export.http export.json export.metrics export.page export.profile export.text alert sample program
          gateway: export.http alert load net
          config: alert export gateway heap.* history load proc.identity trend
          replay: alert config history.csv sample trend verdict program
          target: config history load proc.* sample program
          inspection: saved target export alert verdict sample heap.* elf symbols.* region.* proc.* os program
          diagnosis: inspection saved.core target config export export.profile verdict trend history sample heap.* symbols.* region.* proc.* os
          sampling.judgement: export alert verdict trend history sample proc.limits
          sampling.load: gateway export load sample proc.*
          sampling: sampling.* program inspection target config gateway export alert verdict trend history sample load heap.* region.* proc.* os
          incident: sampling.judgement inspection config export export.json alert verdict history sample proc.* program
          agent: incident sampling.* config gateway export.* alert verdict history sample load region.* proc.* os program
          """);

  /** The commands may import everything below them, and {@code Main} the commands. */
  private static final String COMMANDS = "cli";

  private static Map<String, String> table(String text) {
    Map<String, String> table = new LinkedHashMap<>();
    text.lines().map(line -> line.split(":", 2)).forEach(row -> table.put(row[0], row[1].strip()));
    return table;
  }

  @Test
  void dataFlowsOneWay() {
    List<String> faults = new ArrayList<>();
    for (JavaClass one : PROGRAM) {
      String room = room(one);
      for (Dependency dependency : one.getDirectDependenciesFromSelf()) {
        JavaClass other = dependency.getTargetClass();
        if (other.getPackageName().startsWith("io.leakwatch") && !mayImport(room, room(other))) {
          faults.add(room + " may not import " + room(other) + ": " + dependency.getDescription());
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  private static boolean isForAll(String room) {
    return room.equals("text") || room.equals("time");
  }

  private static boolean mayImport(String room, String other) {
    if (room.equals(other) || isForAll(other) || room.isEmpty()) {
      return true;
    }
    if (room.startsWith(COMMANDS)) {
      return !other.isEmpty() && (!other.startsWith(COMMANDS) || other.equals(COMMANDS));
    }
    return Stream.of(MAY_IMPORT.getOrDefault(room, "").split(" "))
        .anyMatch(
            allowed ->
                allowed.endsWith(".*")
                    ? (other + ".").startsWith(allowed.substring(0, allowed.length() - 1))
                    : other.equals(allowed));
  }

  @Test
  void theTableHasNoWayBack() {
    List<String> rooms = List.copyOf(MAY_IMPORT.keySet());
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < rooms.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (mayImport(rooms.get(i), rooms.get(j)) && mayImport(rooms.get(j), rooms.get(i))) {
          if (!isForAll(rooms.get(i)) && !isForAll(rooms.get(j))) {
            faults.add(rooms.get(i) + " and " + rooms.get(j));
          }
        }
      }
    }
    assertEquals(List.of(), faults);
    SlicesRuleDefinition.slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass one) {
                return one.getPackageName().startsWith("io.leakwatch")
                    ? SliceIdentifier.of(room(one))
                    : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "rooms";
              }
            })
        .should()
        .beFreeOfCycles()
        .check(PROGRAM);
  }

  @Test
  void everyRoomHasAPlaceInTheTableAndAPageThatExplainsIt() {
    Set<String> found = PROGRAM.stream().map(ArchitectureTest::room).collect(toSet());
    found.removeIf(room -> room.isEmpty() || room.startsWith(COMMANDS));
    assertEquals(MAY_IMPORT.keySet(), found);
    for (JavaClass one : PROGRAM) {
      Path page =
          Path.of("src/main/java", one.getPackageName().replace('.', '/'), "package-info.java");
      assertTrue(Files.exists(page), page::toString);
    }
  }

  /** A package of more classes is a house: nobody finds a place in it by its name. */
  @Test
  void noRoomIsAHouse() throws IOException {
    for (String root : List.of("src/main/java", "src/test/java")) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        Map<Path, Long> classes =
            files
                .filter(file -> file.toString().endsWith(".java"))
                .filter(file -> !file.endsWith("package-info.java"))
                .collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
        classes.values().removeIf(count -> count <= CLASSES_MAX);
        assertEquals(Map.of(), classes);
      }
    }
  }

  /**
   * Nobody reads a longer list of parts by their places, nor sees that two of one type were
   * exchanged: what belongs together is a record with a name. Settings are excepted, and the whole
   * configuration: {@code RecordBinder} fills them by their names, from the keys of a section.
   */
  @Test
  void noConstructorHasMorePartsThanOneReads() {
    List<String> faults = new ArrayList<>();
    for (JavaClass one : PROGRAM) {
      boolean byName = one.getSimpleName().endsWith("Settings") || one.isEquivalentTo(BOUND);
      int unwritten = one.isEnum() ? 2 : 0; // The compiler adds a constant's name and place.
      for (JavaConstructor constructor : one.getConstructors()) {
        if (!byName && constructor.getRawParameterTypes().size() - unwritten > PARTS_MAX) {
          faults.add(constructor.getFullName());
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  private static String room(JavaClass one) {
    String name = one.getPackageName();
    return name.equals("io.leakwatch") ? "" : name.substring(ROOT.length());
  }

  @Test
  void outsideLibrariesStayInTheirRooms() {
    Map<String, List<String>> rooms =
        Map.ofEntries(
            Map.entry("com.sun.jna..", List.of("os")),
            Map.entry("org.sqlite..", List.of("history")),
            Map.entry("java.sql..", List.of("history")),
            Map.entry("io.micrometer..", List.of("export.metrics")),
            Map.entry("io.prometheus..", List.of("export.metrics", "export.api")),
            Map.entry("com.sun.net.httpserver..", List.of("export.http")),
            Map.entry("com.typesafe.config..", List.of("config")),
            Map.entry("org.springframework..", List.of("export.http")),
            Map.entry("com.google.protobuf..", List.of("export.profile")),
            Map.entry("picocli..", List.of("", "cli", "program")),
            Map.entry("org.slf4j..", List.of("agent", "sampling", "incident", "cli", "target")),
            Map.entry("ch.qos.logback..", List.of("cli")));
    rooms.forEach(
        (library, homes) ->
            noClasses()
                .that()
                .resideOutsideOfPackages(
                    homes.stream()
                        .map(home -> home.isEmpty() ? "io.leakwatch" : ROOT + home + "..")
                        .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(PROGRAM));
  }

  /** Whoever asks the system for the time cannot be tested in virtual time. */
  @Test
  void timeAndThreadsAreHandedIn() {
    DescribedPredicate<JavaMethodCall> asksTheSystem =
        DescribedPredicate.describe(
            "ask the system for the time, or sleep",
            call ->
                (call.getTargetOwner().isEquivalentTo(System.class)
                        && call.getName().matches("nanoTime|currentTimeMillis"))
                    || (call.getTargetOwner().isEquivalentTo(Thread.class)
                        && call.getName().equals("sleep"))
                    || call.getTargetOwner().isEquivalentTo(LockSupport.class)
                    || (call.getTargetOwner().getPackageName().equals("java.time")
                        && call.getName().matches("now|systemUTC|systemDefaultZone|tick.*"))
                    || (call.getTargetOwner().isEquivalentTo(Date.class)
                        && call.getName().equals("<init>")));
    noClasses()
        .that()
        .resideOutsideOfPackage(ROOT + "time")
        .should()
        .callMethodWhere(asksTheSystem)
        .check(PROGRAM);
    noClasses()
        .that(
            resideInAnyPackage("io.leakwatch..")
                .and(not(resideInAnyPackage(ROOT + "time", ROOT + "cli..", ROOT + "export.http")))
                .and(not(nameMatching(".*\\.(Main|Service|UnixListener|BoundedChild)(\\$.*)?"))))
        .should()
        .callConstructorWhere(
            DescribedPredicate.describe(
                "make a thread or a pool of them",
                call ->
                    call.getTargetOwner().isAssignableTo(Thread.class)
                        || call.getTargetOwner().isAssignableTo(ExecutorService.class)))
        .orShould()
        .callMethodWhere(
            DescribedPredicate.describe(
                "make a pool of threads",
                call -> call.getTargetOwner().isEquivalentTo(Executors.class)))
        .check(PROGRAM);
    noClasses()
        .that(not(type(Main.class)))
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(PROGRAM);
  }

  /**
   * The system's time and threads are taken where the program begins, and where something real is
   * waited for: a socket, a file of the kernel, a child.
   */
  @Test
  void onlyEntriesTakeTheSystemsTime() {
    noClasses()
        .that(
            resideInAnyPackage("io.leakwatch..")
                .and(
                    not(
                        resideInAnyPackage(
                            ROOT + "time",
                            ROOT + "cli..",
                            ROOT + "net",
                            ROOT + "proc..",
                            ROOT + "diagnosis")))
                .and(
                    not(
                        nameMatching(
                            ".*\\.(Main|Surroundings|Daemon|Gateway|Service|UnixListener|Inspection"
                                + "|SupervisedChild)(\\$.*)?"))))
        .should()
        .accessField(SystemTime.class, "TIME")
        .orShould()
        .accessField(SystemThreads.class, "WORKERS")
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
                    ROOT + "saved..",
                    ROOT + "region..",
                    ROOT + "heap..",
                    ROOT + "load..",
                    ROOT + "elf..",
                    ROOT + "symbols..",
                    ROOT + "verdict..",
                    ROOT + "target..",
                    ROOT + "inspection..",
                    ROOT + "diagnosis..",
                    ROOT + "incident..",
                    ROOT + "sampling..",
                    ROOT + "replay..",
                    ROOT + "agent..",
                    ROOT + "program..",
                    ROOT + "cli..")
                .and(not(type(RootedFile.class)))
                .and(not(nameMatching(".*\\.(ProcFile|ListeningSockets|PageSize)")))
                .and(not(nameMatching(".*\\.(NodeName|GivenFile|SavedFile)"))))
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
