package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** MariaDB on glibc's malloc, with sysbench. */
public final class MariaDb {
  private static final String SYSBENCH =
      "sysbench oltp_read_write --mysql-socket=$DIR/socket --mysql-user=root"
          + " --tables=2 --table-size=20000 ";

  /** Prepared statements hold memory until DEALLOCATE PREPARE or the end of the session. */
  public static final Server SERVER =
      new Server(
          "mariadb",
          Installation.of("mariadb-server mariadb-client sysbench", "mariadbd --version", "mysql"),
          Memory.PTMALLOC,
          new Start(
              """
              $AS mariadb-install-db --no-defaults --datadir=$DIR/data \
                --auth-root-authentication-method=normal --skip-test-db
              """,
              """
              exec $AS mariadbd --no-defaults --datadir=$DIR/data --socket=$DIR/socket --port=$PORT \
                --bind-address=127.0.0.1 --pid-file=$DIR/pid --innodb-buffer-pool-size=64M \
                --max-prepared-stmt-count=1000000
              """,
              "",
              ""),
          new Work(
              "mariadb --no-defaults -uroot -S $DIR/socket -e 'create database sbtest' && "
                  + SYSBENCH
                  + "prepare",
              "exec " + SYSBENCH + "--threads=$CLIENTS --time=1000 run",
              4,
              "mariadb --no-defaults -uroot -S $DIR/socket -N -e \"show global status where"
                  + " variable_name in ('Memory_used', 'Prepared_stmt_count',"
                  + " 'Innodb_buffer_pool_pages_data')\" | xargs"),
          List.of(
              Leak.byClient(
                  "prepared statements",
                  Memory.PTMALLOC,
                  "a session prepares ever more statements and deallocates none",
                  """
                  awk 'BEGIN { while (1) {
                      for (i = 0; i < 5; i++)
                        printf "prepare s%d from \\"select * from sbtest1 where id = ?\\";\\n", n++;
                      fflush(); system("sleep 0.05") } }' |
                    mariadb --no-defaults -uroot -S $DIR/socket sbtest
                  """),
              Leak.forgottenFree()));

  private MariaDb() {}
}
