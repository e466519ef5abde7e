package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import java.util.List;

/** The leaks that {@link LeakyAgent} brings into any server on a JVM, and how it gets there. */
final class JvmLeaks {
  /** Shell text that makes DIR/agent.jar. */
  static final String PACK =
      """
      printf 'Premain-Class: io.leakwatch.lab.servers.LeakyAgent\\n' >manifest
      $JAR cfm agent.jar manifest -C $CLASSES io/leakwatch/lab/servers/LeakyAgent.class
      """;

  /** The option of a JVM that has one of them. */
  static final String OPTION = "${AGENT:+-javaagent:$DIR/agent.jar=$AGENT}";

  static final List<Leak> ALL =
      List.of(
          Leak.byAgent("list", Memory.JVM, "a list in the heap that is only added to"),
          Leak.byAgent(
              "deflater", Memory.PTMALLOC, "Deflaters that are never ended: zlib's native memory"));

  private JvmLeaks() {}
}
