package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** memcached, whose memory is slabs of malloc, full at 64 MiB. */
public final class Memcached {
  /** Each open connection has a state and buffers of its own. */
  public static final Server SERVER =
      new Server(
          "memcached",
          Installation.of("memcached libmemcached-tools", "memcached --version", ""),
          Memory.PTMALLOC,
          new Start(
              "",
              "ulimit -n $(ulimit -H -n); exec memcached -l 127.0.0.1 -p $PORT -U 0 -u root -m 64 -c 4000",
              "",
              ""),
          new Work(
              "memcslap --servers=127.0.0.1:$PORT --concurrency=2 --execute-number=20000 --test=set",
              """
              while :; do
                memcslap --servers=127.0.0.1:$PORT --concurrency=$CLIENTS --execute-number=5000 \
                  --test=set >/dev/null
              done
              """,
              2,
              "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$PORT; printf \"stats\\r\\nquit\\r\\n\" >&3;"
                  + " tr -d \"\\r\" <&3' | grep -E ' (bytes|curr_items|curr_connections|evictions) '"
                  + " | xargs"),
          List.of(
              Leak.byClient(
                  "connections",
                  Memory.PTMALLOC,
                  "clients begin commands and never end them: each connection keeps its read buffer",
                  """
                  ulimit -n $(ulimit -H -n)
                  exec bash -c 'i=0; while [ $i -lt 3800 ]; do
                    i=$((i + 1)); exec {c}<>/dev/tcp/127.0.0.1/$PORT; printf "get x" >&$c
                    [ $((i % 20)) -gt 0 ] || sleep 0.2; done; sleep 1000'
                  """)));

  private Memcached() {}
}
