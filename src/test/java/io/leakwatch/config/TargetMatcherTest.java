package io.leakwatch.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetMatcherTest {
  @TempDir Path directory;

  private static TargetMatcher.Candidate process(String exe, String commandLine) {
    String file = exe.substring(exe.lastIndexOf('/') + 1);
    return new TargetMatcher.Candidate(
        file.substring(0, Math.min(15, file.length())),
        exe,
        Arrays.asList(commandLine.split(" ", -1)),
        List.of("/"),
        "");
  }

  private static String defaultName(TargetMatcher.Candidate candidate) throws ConfigurationProblem {
    return new TargetMatcher(Configuration.load(null).targets())
        .match(candidate, Assertions::fail)
        .map(TargetMatcher.Match::name)
        .orElse("");
  }

  private TargetMatcher matcher(String targets) throws Exception {
    Path file = directory.resolve("t.conf");
    Files.writeString(file, "leakwatch.targets = [" + targets + "]");
    return new TargetMatcher(Configuration.load(file).targets());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mds | /usr/bin/curve-mds | /usr/bin/curve-mds -confPath=/etc/curve/mds.conf"
            + " -mdsAddr=10.0.0.1:6666 -log_dir=/data/log/curve/mds -stderrthreshold=3",
        "mds | /curvebs/mds/sbin/curvebs-mds | curvebs-mds --confPath /curvebs/mds/conf/mds.conf",
        "mds | /curvebs/mds/sbin/curvebs-mds | /curvebs/mds/sbin/curvebs-mds --confPath=/c.conf",
        "mds | /playground/curvemds | ./curvemds",
        "chunkserver-8203 | /usr/bin/curve-chunkserver | curve-chunkserver"
            + " -bthread_concurrency=18 -raft_max_segment_size=8388608"
            + " -conf=/etc/curve/chunkserver.conf -chunkFilePoolDir=/data/chunkserver3"
            + " -chunkServerIp=10.0.0.1 -chunkServerPort=8203 -log_dir=/log/chunkserver3",
        "chunkserver-8200 | /curvebs/chunkserver/sbin/curvebs-chunkserver | curvebs-chunkserver"
            + " -chunkServerPort=8200 -conf=/curvebs/chunkserver/conf/chunkserver.conf",
        "chunkserver-8201 | /usr/bin/curve-chunkserver | curve-chunkserver --chunkServerPort 8201",
        "chunkserver | /usr/bin/curve-chunkserver | curve-chunkserver -conf=/c.conf",
        "snapshotclone | /usr/bin/curve-snapshotcloneserver | curve-snapshotcloneserver -conf=x"
            + " -addr=10.0.0.1:5556 -stderrthreshold=3 -graceful_quit_on_sigterm=true",
        "snapshotclone | /curvebs/snapshotclone/sbin/curvebs-snapshotclone |"
            + " curvebs-snapshotclone --conf x",
        "nebd-server | /usr/bin/nebd-server | /usr/bin/nebd-server"
            + " -confPath=/etc/nebd/nebd-server.conf -log_dir=/data/log/nebd/server",
        "nebd-server | /curvebs/nebd/sbin/nebd-server | nebd-server",
        "curve-nbd | /usr/bin/curve-nbd | curve-nbd map cbd:pool//volume_user_",
        "curvefs-mds | /curvefs/mds/sbin/curvefs-mds | curvefs-mds --confPath /c",
        "curvefs-metaserver | /curvefs/metaserver/sbin/curvefs-metaserver |"
            + " curvefs-metaserver --confPath /c",
        "curve-fuse | /curvefs/client/sbin/curve-fuse | curve-fuse -f -o fsname=x /mnt",
        "etcd | /curvebs/etcd/sbin/etcd | etcd --config-file /c",
        "etcd | /usr/bin/etcd | /usr/bin/etcd",
      })
  void defaultsNameCurvesDaemonsHoweverTheyAreInstalled(String name, String exe, String commandLine)
      throws ConfigurationProblem {
    assertEquals(name, defaultName(process(exe, commandLine)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/usr/bin/daemon | daemon --name curve-mds --core --inherit --respawn --attempts 100"
            + " --delay 10 --pidfile /root/curve-mds.pid -- /usr/bin/curve-mds -confPath=/m.conf",
        "/usr/bin/dash | sh -c curve-chunkserver -chunkServerPort=8200",
        "/usr/bin/bash | bash /usr/bin/curve-mds",
        "/usr/bin/grep | grep curve-mds",
        "/usr/bin/vim.basic | vim curve-mds.conf",
        "/usr/bin/tail | tail -f /data/log/curve/mds/curve-mds.log",
        "/usr/bin/etcdctl | etcdctl get x",
        "/usr/sbin/docker-init | /sbin/docker-init -- /entrypoint.sh --role=mds",
        "/usr/bin/curve-tool | curve-tool mds",
      })
  void defaultsPassOverWhatOnlyMentionsADaemon(String exe, String commandLine)
      throws ConfigurationProblem {
    assertEquals("", defaultName(process(exe, commandLine)));
  }

  @Test
  void takesTheFirstArgumentWhereTheExecutableMayNotBeRead() throws ConfigurationProblem {
    assertEquals(
        "chunkserver-8200",
        defaultName(
            new TargetMatcher.Candidate(
                "curve-chunkserv",
                "",
                List.of("/usr/bin/curve-chunkserver", "-chunkServerPort=8200"),
                List.of(),
                "")));
    assertEquals(
        "",
        defaultName(
            new TargetMatcher.Candidate(
                "daemon", "", List.of("daemon", "--name", "curve-mds"), List.of(), "")));
    assertEquals(
        "", defaultName(new TargetMatcher.Candidate("curve-mds", "", List.of(), List.of(), "")));
  }

  @Test
  void allConditionsMustHold() throws Exception {
    TargetMatcher matcher =
        matcher("{ name = web, program = nginx, unit = \"nginx\\\\.service\", cgroup = blue }");
    List<String> both = List.of("/x", "/blue.slice/nginx.service/worker");
    assertTrue(
        matcher
            .match(
                new TargetMatcher.Candidate("nginx", "/bin/nginx", List.of("nginx"), both, ""),
                Assertions::fail)
            .isPresent());
    for (List<String> cgroups :
        List.of(List.of("/nginx.service"), List.of("/blue/apache.service"), List.<String>of())) {
      assertEquals(
          Optional.empty(),
          matcher.match(
              new TargetMatcher.Candidate("nginx", "/bin/nginx", List.of("nginx"), cgroups, ""),
              Assertions::fail));
    }
  }

  @Test
  void fillsTheNameFromGroupsOfAllExpressionsAndMakesItSafe() throws Exception {
    TargetMatcher matcher =
        matcher(
            "{ name = \"${user}/db-${shard}.${zone}-x\", exe = \".*/db\","
                + " unit = \"db@(?<shard>.+)\\\\.service\","
                + " command-line = \"--user=(?<user>\\\\S+)(?: --zone=(?<zone>\\\\S+))?\" }");
    List<String> cgroups = List.of("/system.slice/db@7.service");
    assertEquals(
        "jo_e_db-7-x",
        matcher
            .match(
                new TargetMatcher.Candidate(
                    "db", "/opt/db", List.of("db", "--user=jo\"e"), cgroups, ""),
                Assertions::fail)
            .orElseThrow()
            .name());
    assertEquals(
        "a_db-7.east-x",
        matcher
            .match(
                new TargetMatcher.Candidate(
                    "db", "/opt/db", List.of("db", "--user=a", "--zone=east"), cgroups, ""),
                Assertions::fail)
            .orElseThrow()
            .name());
  }

  /** Two chunkservers of CurveAdm on one port, each in a container with a network of its own. */
  @Test
  void tellsContainersApart() throws Exception {
    TargetMatcher matcher =
        matcher("{ name = \"cs-${container}\", program = curvebs-chunkserver }");
    for (String container : List.of("0c7f6d4a31be", "")) {
      assertEquals(
          container.isEmpty() ? "cs" : "cs-" + container,
          matcher
              .match(
                  new TargetMatcher.Candidate(
                      "curvebs-chunkse",
                      "/curvebs/chunkserver/sbin/curvebs-chunkserver",
                      List.of("curvebs-chunkserver"),
                      List.of(),
                      container),
                  Assertions::fail)
              .orElseThrow()
              .name());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "redis | redis-server | /usr/bin/redis-check-rdb | /usr/bin/redis-server 127.0.0.1:6379",
        "web | nginx | /usr/sbin/nginx | nginx: master process /usr/sbin/nginx",
        "shell | bash | /usr/bin/bash | -bash",
        "tool | busybox | /bin/busybox | sleep 5",
        "tool | sleep | /bin/busybox | sleep 5",
        "py | python3 | /usr/bin/python3.11 | python3 /srv/agent.py",
      })
  void aProgramIsMeantByTheNameOfItsFileOrTheOneItWasCalledBy(
      String name, String program, String exe, String commandLine) throws Exception {
    TargetMatcher matcher = matcher("{ name = " + name + ", program = \"" + program + "\" }");
    List<String> arguments =
        commandLine.contains(":") ? List.of(commandLine) : List.of(commandLine.split(" ", -1));
    TargetMatcher.Candidate candidate =
        new TargetMatcher.Candidate("x", exe, arguments, List.of(), "");
    assertEquals(
        name, matcher.match(candidate, Assertions::fail).map(TargetMatcher.Match::name).orElse(""));
  }

  /** Its steps would outlast the universe, its nesting any stack: both end, and others match. */
  @ParameterizedTest
  @ValueSource(strings = {"(?:a+)+$", "(?:a|b)*$", "(.*?,){11,}P"})
  void anExpressionThatCannotBeDecidedIsToldAndMatchesNothing(String expression) throws Exception {
    TargetMatcher matcher =
        matcher(
            "{ name = slow, command-line = \""
                + expression
                + "\" }, { name = any, comm = \".*\" }");
    String hostile = "a".repeat(60_000) + "1,".repeat(30) + "!";
    List<String> problems = new ArrayList<>();
    Optional<TargetMatcher.Match> match =
        matcher.match(
            new TargetMatcher.Candidate("x", "/x", List.of("x", hostile), List.of(), ""),
            problems::add);
    assertEquals("any", match.orElseThrow().name());
    assertEquals(1, problems.size(), problems::toString);
    assertTrue(problems.get(0).startsWith("target `slow`: the expression `"), problems.get(0));
  }

  @Test
  void keepsNamesUnique() {
    assertEquals("curve-nbd", TargetMatcher.unique("curve-nbd", Set.of("mds")));
    assertEquals(
        "curve-nbd-3", TargetMatcher.unique("curve-nbd", Set.of("curve-nbd", "curve-nbd-2")));
  }

  @Test
  void findsTheUnitInAnyCgroupPath() {
    assertEquals(Optional.of("a.service"), TargetMatcher.unitOf("/system.slice/a.service/sub"));
    assertEquals(
        Optional.of("docker-1.scope"), TargetMatcher.unitOf("/system.slice/docker-1.scope"));
    assertEquals(Optional.empty(), TargetMatcher.unitOf("/user.slice/"));
  }
}
