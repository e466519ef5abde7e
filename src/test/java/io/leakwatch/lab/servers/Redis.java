package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;
import java.util.Set;

/** Redis on jemalloc. */
public final class Redis {
  private static final Memory JEMALLOC = new Memory("jemalloc", Set.of("jemalloc"));

  /**
   * Output buffers of subscribers that do not read are what client-output-buffer-limit is for; ever
   * new scripts stay in the script cache until SCRIPT FLUSH (redis.io, EVAL).
   */
  public static final Server SERVER =
      new Server(
          "redis",
          Installation.of("redis-server redis-tools", "redis-server --version", ""),
          JEMALLOC,
          new Start("", "exec redis-server --port $PORT --save '' --dir $DIR", "", ""),
          new Work(
              "redis-benchmark -p $PORT -t set -r 50000 -d 100 -n 100000 -q",
              "exec redis-benchmark -p $PORT -c $((CLIENTS * 5))"
                  + " -t set,get,lpush,lpop -r 200000 -d 100 -n 10000000 -l -q",
              2,
              "redis-cli -p $PORT info memory | tr -d '\\r'"
                  + " | grep -E '^(used_memory|used_memory_dataset|allocator_allocated):' | xargs"),
          List.of(
              Leak.byClient(
                  "silent subscriber",
                  JEMALLOC,
                  "a subscriber never reads and has no limit of its output buffer",
                  """
                  redis-cli -p $PORT config set client-output-buffer-limit 'pubsub 0 0 0'
                  bash -c 'exec 3<>/dev/tcp/127.0.0.1/$PORT; printf "SUBSCRIBE c\\r\\n" >&3; sleep 1000' &
                  exec redis-benchmark -p $PORT -c 1 -n 100000000 -q publish c $(printf %0200d 0)
                  """),
              Leak.byClient(
                  "scripts",
                  JEMALLOC,
                  "a client makes a new script of each call; all stay in the cache",
                  """
                  i=0
                  while :; do
                    i=$((i + 1)); n=0
                    while [ $n -lt 100 ]; do
                      n=$((n + 1)); echo "eval \\"return '$(printf %0200d $i)$n'\\" 0"
                    done | redis-cli -p $PORT >/dev/null
                  done
                  """)));

  private Redis() {}
}
