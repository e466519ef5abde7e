package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** A GlusterFS brick and a client that has it mounted in a mount namespace of its own. */
public final class GlusterBrick {
  public static final Server SERVER =
      new Server(
          "glusterfsd",
          Installation.of("glusterfs-server glusterfs-client", "glusterfsd --version", ""),
          Memory.PTMALLOC,
          new Start(
              """
              mkdir brick mnt
              cat >brick.vol <<END
              volume posix
                type storage/posix
                option directory $DIR/brick
              end-volume
              volume locks
                type features/locks
                subvolumes posix
              end-volume
              volume io-threads
                type performance/io-threads
                subvolumes locks
              end-volume
              volume $DIR/brick
                type debug/io-stats
                subvolumes io-threads
              end-volume
              volume server
                type protocol/server
                option transport-type tcp
                option transport.socket.listen-port $PORT
                option transport.socket.bind-address 127.0.0.1
                option transport.address-family inet
                option auth.addr.$DIR/brick.allow *
                subvolumes $DIR/brick
              end-volume
              END
              cat >client.vol <<END
              volume client
                type protocol/client
                option transport-type tcp
                option remote-host 127.0.0.1
                option remote-port $PORT
                option transport.address-family inet
                option remote-subvolume $DIR/brick
              end-volume
              END
              """,
              "exec glusterfsd -N -f $DIR/brick.vol -l $DIR/brick.log -p $DIR/brick.pid"
                  + " --brick-port $PORT",
              "",
              ""),
          new Work(
              "true",
              """
              exec unshare -m sh -c '
                glusterfs -N -f $DIR/client.vol -l $DIR/client.log $DIR/mnt &
                until mountpoint -q $DIR/mnt && ls $DIR/mnt; do sleep 0.1; done
                worker() {
                  i=0
                  while :; do
                    i=$((i + 1)); f=$DIR/mnt/$1-$((i % 200))
                    echo "some content $i" >$f; read x <$f; mv $f $f.new; rm $f.new
                  done
                }
                n=0
                while [ $n -lt $CLIENTS ]; do n=$((n + 1)); worker $n & done
                wait'
              """,
              2,
              ""),
          List.of(Leak.forgottenFree()));

  private GlusterBrick() {}
}
