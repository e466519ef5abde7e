package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;
import java.util.Set;

/** RabbitMQ on Erlang's BEAM, whose allocators take their carriers from mmap. */
public final class RabbitMq {
  private static final Memory BEAM = new Memory("beam", Set.of("beam", "beam_carrier"));
  private static final String SETTINGS =
      """
      export HOME=$DIR LOGNAME=root ERL_EPMD_PORT=$PEER ERL_EPMD_ADDRESS=127.0.0.1
      export RABBITMQ_NODENAME=lab$PORT@localhost RABBITMQ_NODE_PORT=$PORT
      export RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_DIST_PORT=$((PORT + 1))
      export RABBITMQ_MNESIA_BASE=$DIR/mnesia RABBITMQ_LOG_BASE=$DIR/logs
      export RABBITMQ_CONFIG_FILE=$DIR/none RABBITMQ_ENABLED_PLUGINS_FILE=$DIR/plugins
      export RABBITMQ_PID_FILE=$DIR/pid RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-start_epmd false'
      """;
  private static final String CTL =
      SETTINGS + "/usr/lib/rabbitmq/bin/rabbitmqctl -q -n $RABBITMQ_NODENAME ";

  /** An ETS table lives as long as its owner; the messages of a queue until somebody takes them. */
  public static final Server SERVER =
      new Server(
          "rabbitmq",
          Installation.of(
              "rabbitmq-server amqp-tools",
              "dpkg-query -W -f '${Package} ${Version}' rabbitmq-server",
              ""),
          BEAM,
          new Start(
              "echo '[].' >plugins",
              SETTINGS + "epmd -port $PEER &\nexec /usr/lib/rabbitmq/bin/rabbitmq-server",
              "completed with",
              """
              for process in /proc/[0-9]*; do
                case $(readlink $process/exe) in */beam.smp)
                  ! grep -qa "$DIR" $process/environ || echo ${process#/proc/} ;;
                esac
              done
              """),
          new Work(
              CTL
                  + "set_policy short . '{\"max-length\":2000}' --apply-to queues\n"
                  + "amqp-declare-queue -u amqp://127.0.0.1:$PORT -q q",
              """
              n=0
              while [ $n -lt $CLIENTS ]; do
                n=$((n + 1))
                yes $(printf %0200d 0) | amqp-publish -u amqp://127.0.0.1:$PORT -r q -l &
              done
              wait
              """,
              1,
              ""),
          List.of(
              Leak.byClient(
                  "ETS table",
                  BEAM,
                  "a process of the node inserts into an ETS table and deletes nothing",
                  CTL
                      + """
                      eval '
                        spawn(fun() -> T = ets:new(leak, [public]),
                          F = fun F(N) -> ets:insert(T, {N, lists:seq(1, 20)}),
                            case N rem 100 of 0 -> timer:sleep(5); _ -> ok end, F(N + 1) end,
                          F(0) end).'
                      sleep 1000
                      """)));

  private RabbitMq() {}
}
