package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** An HDFS DataNode, from Maven Central, and the NameNode that it needs. */
public final class HdfsDataNode {
  private static final String JAVA =
      "java --add-opens java.base/java.lang=ALL-UNNAMED -cp \"$CONF:$LIBRARY\" ";
  private static final String SHELL =
      "CONF=conf; fs() { " + JAVA + "-Xmx128m org.apache.hadoop.fs.FsShell \"$@\"; }\n";

  public static final Server SERVER =
      new Server(
          "hdfs-datanode",
          new Installation(
              List.of(),
              List.of(
                  "org.apache.hadoop:hadoop-hdfs:3.4.1",
                  "org.apache.hadoop:hadoop-common:3.4.1",
                  "org.apache.hadoop:hadoop-hdfs-client:3.4.1"),
              "echo Apache Hadoop 3.4.1",
              ""),
          Memory.JVM,
          new Start(
              JvmLeaks.PACK
                  + """
                  mkdir -p conf/webapps/hdfs conf/webapps/datanode
                  cat >conf/core-site.xml <<END
                  <configuration>
                  <property><name>fs.defaultFS</name><value>hdfs://127.0.0.1:$PEER</value></property>
                  <property><name>hadoop.tmp.dir</name><value>$DIR/tmp</value></property>
                  </configuration>
                  END
                  {
                    echo '<configuration>'
                    while read name value; do
                      echo "<property><name>dfs.$name</name><value>$value</value></property>"
                    done
                    echo '</configuration>'
                  } >conf/hdfs-site.xml <<END
                  replication 1
                  blocksize 16777216
                  permissions.enabled false
                  namenode.http-address 127.0.0.1:0
                  datanode.address 127.0.0.1:$PORT
                  datanode.http.address 127.0.0.1:0
                  datanode.ipc.address 127.0.0.1:0
                  END
                  """
                  + "CONF=conf; "
                  + JAVA
                  + "-Xmx128m org.apache.hadoop.hdfs.server.namenode.NameNode -format"
                  + " -nonInteractive\n",
              "CONF=conf; "
                  + JAVA
                  + "-Xmx128m org.apache.hadoop.hdfs.server.namenode.NameNode >namenode.out 2>&1 &\n"
                  + "CONF=$DIR/conf; exec "
                  + JAVA
                  + "-Xms256m -Xmx256m "
                  + JvmLeaks.OPTION
                  + " org.apache.hadoop.hdfs.server.datanode.DataNode",
              "",
              ""),
          new Work(
              SHELL + "until echo x | fs -put -f - /fill; do sleep 0.5; done",
              SHELL
                  + """
                  client() {
                    while :; do
                      head -c 200000000 /dev/zero | fs -put -f - /$1
                      fs -cat /$1 >/dev/null
                    done
                  }
                  n=0
                  while [ $n -lt $CLIENTS ]; do n=$((n + 1)); client $n & done
                  wait
                  """,
              1,
              ""),
          JvmLeaks.ALL);

  private HdfsDataNode() {}
}
