package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** nginx in one process, with ab. */
public final class Nginx {
  public static final Server SERVER =
      new Server(
          "nginx",
          Installation.of("nginx apache2-utils", "nginx -v 2>&1", ""),
          Memory.PTMALLOC,
          new Start(
              """
              mkdir www; head -c 20000 /dev/urandom >www/file
              cat >nginx.conf <<END
              daemon off; master_process off; pid $DIR/pid; error_log $DIR/error.log;
              events { worker_connections 512; }
              http {
                access_log off; keepalive_requests 100000000;
                server { listen 127.0.0.1:$PORT; root $DIR/www; }
              }
              END
              """,
              "exec nginx -c $DIR/nginx.conf -e $DIR/error.log",
              "",
              ""),
          new Work(
              "ab -q -k -c 4 -n 1000 http://127.0.0.1:$PORT/file",
              "exec ab -q -k -c $CLIENTS -t 1000 -n 100000000 http://127.0.0.1:$PORT/file",
              4,
              ""),
          List.of(Leak.forgottenFree()));

  private Nginx() {}
}
