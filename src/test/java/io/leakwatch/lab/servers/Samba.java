package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** The smbd process of one long session, with other clients beside it. */
public final class Samba {
  private static final String CLIENT = "LD_PRELOAD= smbclient -N -p $PORT //127.0.0.1/lab ";

  public static final Server SERVER =
      new Server(
          "samba",
          Installation.of("samba smbclient", "smbd --version", ""),
          Memory.PTMALLOC,
          new Start(
              """
              mkdir share state
              mkfifo session
              head -c 20000 /dev/urandom >file
              cat >smb.conf <<END
              [global]
              server role = standalone server
              smb ports = $PORT
              bind interfaces only = yes
              interfaces = lo
              private dir = $DIR/state
              lock directory = $DIR/state
              state directory = $DIR/state
              cache directory = $DIR/state
              pid directory = $DIR/state
              ncalrpc dir = $DIR/state
              log file = $DIR/smbd.log
              map to guest = Bad User
              guest account = root
              load printers = no
              disable spoolss = yes
              [lab]
              path = $DIR/share
              guest ok = yes
              read only = no
              END
              """,
              """
              (
                until LD_PRELOAD= smbclient -N -p $PORT //127.0.0.1/lab -c ls; do sleep 0.2; done
                sleep 100000 >$DIR/session &
              """
                  + CLIENT
                  + """
               <$DIR/session >/dev/null &
                until smbstatus -s $DIR/smb.conf -p | grep -q 127.0.0.1; do sleep 0.2; done
                echo session-ready; wait
              ) &
              exec smbd -F --no-process-group -s $DIR/smb.conf --debug-stdout
              """,
              "(?m)^session-ready",
              "smbstatus -s $DIR/smb.conf -p | awk '/127.0.0.1/ { print $1; exit }'"),
          new Work(
              "true",
              """
              session() {
                yes "put file $1a
              get $1a $1b
              rename $1a $1c
              del $1c
              ls"
              }
              n=1
              while [ $n -lt $CLIENTS ]; do
                n=$((n + 1))
                session $n- | smbclient -N -p $PORT //127.0.0.1/lab >/dev/null 2>&1 &
              done
              session '' >$DIR/session
              """,
              2,
              ""),
          List.of(Leak.forgottenFree()));

  private Samba() {}
}
