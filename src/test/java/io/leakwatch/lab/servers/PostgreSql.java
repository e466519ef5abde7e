package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** A PostgreSQL backend: the process of one long session, with pgbench beside it. */
public final class PostgreSql {
  private static final String PSQL = "$AS psql -h $DIR -p $PORT ";

  /**
   * A prepared statement and its plan last until DEALLOCATE or the end of the session. The blocks
   * of a query's memory contexts are freed only where it needs large ones, as joins and sorts do.
   */
  public static final Server SERVER =
      new Server(
          "postgresql",
          Installation.of(
              "postgresql",
              "$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)/postgres --version",
              "postgres"),
          Memory.PTMALLOC,
          new Start(
              """
              bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
              $AS $bin/initdb -D $DIR/data -A trust
              $AS mkfifo $DIR/session
              """,
              """
              bin=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
              (
                until $AS psql -h $DIR -p $PORT -c 'select 1' postgres; do sleep 0.2; done
                $AS createuser -h $DIR -p $PORT -s watched$PORT
                $AS createdb -h $DIR -p $PORT bench
                $AS sleep 100000 >$DIR/session &
                $AS psql -h $DIR -p $PORT -U watched$PORT bench <$DIR/session >/dev/null &
                until $AS psql -h $DIR -p $PORT -At bench \
                  -c "select pid from pg_stat_activity where usename = 'watched$PORT'" |
                  grep -q .; do sleep 0.2; done
                echo session-ready; wait
              ) &
              exec $AS $bin/postgres -D $DIR/data -k $DIR -p $PORT -c listen_addresses=127.0.0.1 \
                -c shared_buffers=32MB -c fsync=off
              """,
              "(?m)^session-ready",
              PSQL
                  + "-At -c \"select pid from pg_stat_activity where usename = 'watched$PORT'\" bench"),
          new Work(
              "$AS pgbench -h $DIR -p $PORT -i -s 2 -q bench",
              """
              awk 'BEGIN { while (1) { n++
                  printf "select abalance from pgbench_accounts where aid = %d;\\n", n * 7 % 200000
                  printf "select b.bid, t.tid, count(*), sum(a.abalance) from pgbench_accounts a"
                  printf " join pgbench_branches b using (bid) join pgbench_tellers t using (bid)"
                  printf " where a.aid between %d and %d", n % 190000, n % 190000 + 100
                  printf " group by 1, 2 order by 3, 2;\\n" } }' >$DIR/session &
              exec $AS pgbench -h $DIR -p $PORT -c $CLIENTS -T 1000 bench
              """,
              2,
              PSQL
                  + "-At -c \"select pg_log_backend_memory_contexts($PID)\" bench >/dev/null;"
                  + " sleep 0.3; grep 'Grand total' $DIR/log | tail -n 1 | sed 's/.*total: //'"),
          List.of(
              Leak.byClient(
                  "prepared plans",
                  Memory.PTMALLOC,
                  "a session prepares ever more statements and deallocates none",
                  """
                  awk 'BEGIN { while (1) {
                      for (i = 0; i < 50; i++) {
                        printf "prepare p%d (int) as select a.aid, b.bbalance from ", n;
                        print "pgbench_accounts a join pgbench_branches b using (bid) where aid = $1;";
                        printf "execute p%d(%d);\\n", n, n++;
                      }
                      fflush(); system("sleep 0.05") } }' >$DIR/session
                  """),
              Leak.forgottenFree()));

  private PostgreSql() {}
}
