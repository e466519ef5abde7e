package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** Prometheus, a Go program, that scrapes ever the same series, or with a leak ever new ones. */
public final class Prometheus {
  private static final String EXPOSITION =
      "exec $JAVA -Xmx64m io.leakwatch.lab.servers.Exposition $PEER ";

  /** Series of which no more samples come stay in the head for hours. */
  public static final Server SERVER =
      new Server(
          "prometheus",
          Installation.of("prometheus", "prometheus --version 2>&1", ""),
          Memory.GO,
          new Start(
              """
              cat >prometheus.yml <<END
              global: { scrape_interval: 1s }
              scrape_configs:
                - job_name: lab
                  static_configs: [ { targets: ["127.0.0.1:$PEER"] } ]
              END
              """,
              "exec prometheus --config.file=$DIR/prometheus.yml --storage.tsdb.path=$DIR/data"
                  + " --web.listen-address=127.0.0.1:$PORT",
              "ready to receive web requests",
              ""),
          new Work(
              "sleep 1",
              EXPOSITION + "$((CLIENTS * 1000)) 0",
              2,
              "curl -s http://127.0.0.1:$PORT/metrics | grep -E"
                  + " '^(go_memstats_heap_(inuse|alloc)_bytes|prometheus_tsdb_head_series) ' | xargs"),
          List.of(
              Leak.byClient(
                  "label churn",
                  Memory.GO,
                  "a target exposes 3000 new series at each scrape",
                  EXPOSITION + "0 3000")));

  private Prometheus() {}
}
