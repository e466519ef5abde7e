package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** ZooKeeper on a JVM, whose heap is its own and whose native memory is glibc's. */
public final class ZooKeeper {
  private static final String CLI =
      "java -cp /etc/zookeeper/conf:/usr/share/java/zookeeper.jar"
          + " -Xmx64m org.apache.zookeeper.ZooKeeperMain -server 127.0.0.1:$PORT ";

  public static final Server SERVER =
      new Server(
          "zookeeper",
          Installation.of("zookeeper", "dpkg-query -W -f '${Package} ${Version}' zookeeper", ""),
          Memory.JVM,
          new Start(
              """
              mkdir conf
              printf 'Premain-Class: io.leakwatch.lab.servers.LeakyAgent\\n' >manifest
              $JAR cfm agent.jar manifest -C $CLASSES io/leakwatch/lab/servers/LeakyAgent.class
              """,
              """
              exec java -Xms256m -Xmx256m ${AGENT:+-javaagent:$DIR/agent.jar=$AGENT} \
                -Dzookeeper.admin.enableServer=false -cp $DIR/conf:/usr/share/java/zookeeper.jar \
                org.apache.zookeeper.server.ZooKeeperServerMain $PORT $DIR/data
              """,
              "",
              ""),
          new Work(
              CLI + "create /x 0 >/dev/null 2>&1; " + CLI + "get /x >/dev/null 2>&1 || true",
              """
              n=0
              while [ $n -lt $CLIENTS ]; do
                n=$((n + 1))
                awk 'BEGIN { while (1) print "set /x " ++i }' |
              """
                  + CLI
                  + """
              >/dev/null 2>&1 &
              done
              wait
              """,
              1,
              ""),
          List.of(
              Leak.byAgent("list", Memory.JVM, "a list in the heap that is only added to"),
              Leak.byAgent(
                  "deflater",
                  Memory.PTMALLOC,
                  "Deflaters that are never ended: zlib's native memory")));

  private ZooKeeper() {}
}
