package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** A server of remote calls as brpc's are, of this project's own tests. */
public final class RpcServer {
  private static final String AB = "exec ab -q -k -c $CLIENTS -t 1000 -n 100000000 ";

  public static final Server SERVER =
      new Server(
          "rpc-server",
          Installation.of("g++ apache2-utils curl", "echo src/test/cpp/rpc_server.cpp", ""),
          Memory.PTMALLOC,
          new Start(
              "g++ -O1 -g -pthread -o rpc_server $SOURCES/cpp/rpc_server.cpp",
              "exec $DIR/rpc_server $PORT",
              "",
              ""),
          new Work(
              "ab -q -k -c 4 -n 1000 http://127.0.0.1:$PORT/call",
              AB + "http://127.0.0.1:$PORT/call",
              4,
              "curl -s http://127.0.0.1:$PORT/memory"),
          List.of(
              Leak.byClient(
                  "sessions",
                  Memory.PTMALLOC,
                  "clients open sessions, which nothing takes out of the table again",
                  AB + "http://127.0.0.1:$PORT/open"),
              Leak.forgottenFree()));

  private RpcServer() {}
}
