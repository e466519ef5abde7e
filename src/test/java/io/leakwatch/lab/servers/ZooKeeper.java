package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;

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
              JvmLeaks.PACK + "mkdir conf",
              "exec java -Xms256m -Xmx256m "
                  + JvmLeaks.OPTION
                  + " -Dzookeeper.admin.enableServer=false"
                  + " -cp $DIR/conf:/usr/share/java/zookeeper.jar"
                  + " org.apache.zookeeper.server.ZooKeeperServerMain $PORT $DIR/data",
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
          JvmLeaks.ALL);

  private ZooKeeper() {}
}
