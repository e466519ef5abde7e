package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** A Kafka broker that is its own controller, from Maven Central. */
public final class Kafka {
  private static final String TOOL = "java -Xmx96m -cp \"$LIBRARY\" ";
  private static final String TOPIC =
      TOOL
          + "org.apache.kafka.tools.TopicCommand --bootstrap-server 127.0.0.1:$PORT"
          + " --create --if-not-exists --topic lab --partitions 4";

  public static final Server SERVER =
      new Server(
          "kafka",
          new Installation(
              List.of(),
              List.of("org.apache.kafka:kafka_2.13:3.9.1", "org.apache.kafka:kafka-tools:3.9.1"),
              "echo Apache Kafka 3.9.1",
              ""),
          Memory.JVM,
          new Start(
              JvmLeaks.PACK
                  + """
                  cat >server.properties <<END
                  process.roles=broker,controller
                  node.id=1
                  controller.quorum.voters=1@127.0.0.1:$PEER
                  listeners=PLAINTEXT://127.0.0.1:$PORT,CONTROLLER://127.0.0.1:$PEER
                  advertised.listeners=PLAINTEXT://127.0.0.1:$PORT
                  controller.listener.names=CONTROLLER
                  log.dirs=$DIR/data
                  offsets.topic.replication.factor=1
                  offsets.topic.num.partitions=1
                  transaction.state.log.replication.factor=1
                  transaction.state.log.min.isr=1
                  log.segment.bytes=16777216
                  log.retention.bytes=33554432
                  log.retention.check.interval.ms=2000
                  log.cleaner.dedupe.buffer.size=4194304
                  END
                  """
                  + TOOL
                  + "kafka.tools.StorageTool format -t lablablablablablablaba -c server.properties\n",
              "exec java -Xms256m -Xmx256m "
                  + JvmLeaks.OPTION
                  + " -cp \"$LIBRARY\" kafka.Kafka $DIR/server.properties",
              "",
              ""),
          new Work(
              TOPIC,
              """
              n=0
              while [ $n -lt $CLIENTS ]; do
                n=$((n + 1))
              """
                  + TOOL
                  + """
              org.apache.kafka.tools.ProducerPerformance --topic lab --record-size 200 \
                  --num-records 1000000000 --throughput 20000 \
                  --producer-props bootstrap.servers=127.0.0.1:$PORT >/dev/null 2>&1 &
              done
              exec """
                  + " "
                  + TOOL
                  + """
              org.apache.kafka.tools.ConsumerPerformance --topic lab --messages 1000000000 \
                --timeout 1000000 --bootstrap-server 127.0.0.1:$PORT >/dev/null 2>&1
              """,
              1,
              ""),
          JvmLeaks.ALL);

  private Kafka() {}
}
