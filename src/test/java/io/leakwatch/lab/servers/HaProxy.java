package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** HAProxy before a backend of its own. */
public final class HaProxy {
  /**
   * An entry of a stick table lasts until its time is over. Pools keep what is freed, so that free
   * is called of them only with {@code -dMno-cache} (management.txt, "-dM").
   */
  public static final Server SERVER =
      new Server(
          "haproxy",
          Installation.of("haproxy apache2-utils curl", "haproxy -v", ""),
          Memory.PTMALLOC,
          new Start(
              """
              head -c 8000 /dev/urandom >file
              cat >haproxy.cfg <<END
              global
                maxconn 1000
                nbthread 2
              defaults
                mode http
                timeout connect 5s
                timeout client 60s
                timeout server 60s
              frontend front
                bind 127.0.0.1:$PORT
                stick-table type string len 64 size 10m expire 1d store http_req_cnt
                http-request track-sc0 path
                default_backend back
              backend back
                server own 127.0.0.1:$PEER
              frontend own
                bind 127.0.0.1:$PEER
                http-request return status 200 content-type text/plain file $DIR/file
              END
              """,
              "exec haproxy -db -dMno-cache,no-global -f $DIR/haproxy.cfg",
              "",
              ""),
          new Work(
              "ab -q -k -c 4 -n 1000 http://127.0.0.1:$PORT/file",
              "exec ab -q -k -c $CLIENTS -t 1000 -n 100000000 http://127.0.0.1:$PORT/file",
              4,
              ""),
          List.of(
              Leak.byClient(
                  "stick table",
                  Memory.PTMALLOC,
                  "each request has a path of its own, which a table keeps for a day",
                  """
                  i=0
                  while :; do
                    i=$((i + 1)); curl -s -o /dev/null "http://127.0.0.1:$PORT/$i/[1-1000]"
                  done
                  """),
              Leak.forgottenFree()));

  private HaProxy() {}
}
