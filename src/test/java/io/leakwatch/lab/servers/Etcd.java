package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** etcd, a Go program, loaded through its JSON gateway. */
public final class Etcd {
  /** A lease lives until its time is over or it is revoked; a watcher until it is cancelled. */
  public static final Server SERVER =
      new Server(
          "etcd",
          Installation.of("etcd-server etcd-client apache2-utils", "etcd --version", ""),
          Memory.GO,
          new Start(
              "",
              """
              exec etcd --data-dir $DIR/data --quota-backend-bytes 1073741824 --snapshot-count 5000 \
                --listen-client-urls http://127.0.0.1:$PORT \
                --advertise-client-urls http://127.0.0.1:$PORT \
                --listen-peer-urls http://127.0.0.1:$PEER \
                --initial-advertise-peer-urls http://127.0.0.1:$PEER \
                --initial-cluster default=http://127.0.0.1:$PEER
              """,
              "ready to serve client requests",
              ""),
          new Work(
              """
              printf '{"key":"Zm9v","value":"%s"}' $(printf %0400d 0) >put.json
              ab -q -k -c 4 -n 2000 -T application/json -p put.json http://127.0.0.1:$PORT/v3/kv/put
              """,
              """
              exec ab -q -k -c $CLIENTS -t 1000 -n 10000000 -T application/json -p put.json \
                http://127.0.0.1:$PORT/v3/kv/put
              """,
              4,
              "curl -s http://127.0.0.1:$PORT/metrics | grep -E"
                  + " '^(go_memstats_heap_(inuse|alloc)_bytes|etcd_debugging_lease_granted_total) ' | xargs"),
          List.of(
              Leak.byClient(
                  "leases",
                  Memory.GO,
                  "a client grants leases of a day and revokes none",
                  """
                  echo '{"TTL":86400}' >lease.json
                  exec ab -q -k -c 4 -t 1000 -n 10000000 -T application/json -p lease.json \
                    http://127.0.0.1:$PORT/v3/lease/grant
                  """),
              Leak.byClient(
                  "watchers",
                  Memory.GO,
                  "a client opens ever more watchers and cancels none",
                  """
                  export ETCDCTL_API=3
                  awk 'BEGIN { while (1) {
                      for (i = 0; i < 200; i++) print "watch key" n++;
                      fflush(); system("sleep 0.05") } }' |
                    etcdctl --endpoints 127.0.0.1:$PORT watch -i
                  """)));

  private Etcd() {}
}
