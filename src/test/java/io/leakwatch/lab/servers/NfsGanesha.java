package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** NFS-Ganesha with a directory of the run, read by libnfs' clients. */
public final class NfsGanesha {
  private static final String WHAT = "\"nfs://127.0.0.1/lab/$1?version=4&nfsport=$PORT\"";

  public static final Server SERVER =
      new Server(
          "nfs-ganesha",
          Installation.of("nfs-ganesha nfs-ganesha-vfs libnfs-utils", "ganesha.nfsd -v", ""),
          Memory.PTMALLOC,
          new Start(
              """
              mkdir lab recovery
              for n in $(seq 100); do head -c 20000 /dev/urandom >lab/$n; done
              cat >ganesha.conf <<END
              NFS_CORE_PARAM {
                Protocols = 4; NFS_Port = $PORT; Bind_addr = 127.0.0.1;
                Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false;
              }
              NFSv4 {
                Graceless = true; RecoveryRoot = "$DIR/recovery"; Lease_Lifetime = 2;
                Allow_Numeric_Owners = true; Only_Numeric_Owners = true;
              }
              EXPORT {
                Export_Id = 1; Path = $DIR/lab; Pseudo = /lab; Protocols = 4; SecType = sys;
                Access_Type = RW; Squash = No_Root_Squash; FSAL { Name = VFS; }
              }
              END
              """,
              "exec ganesha.nfsd -F -f $DIR/ganesha.conf -L $DIR/ganesha.log -p $DIR/pid"
                  + " -N NIV_EVENT",
              "",
              ""),
          new Work(
              "read_one() { nfs-cat " + WHAT + " >/dev/null; }; read_one 1",
              "list() { nfs-ls "
                  + WHAT
                  + " >/dev/null; }\nread_one() { nfs-cat "
                  + WHAT
                  + """
               >/dev/null; }
              client() { while :; do for i in $(seq 100); do read_one $i; list; done; done; }
              n=0
              while [ $n -lt $CLIENTS ]; do n=$((n + 1)); client & done
              wait
              """,
              2,
              ""),
          List.of(Leak.forgottenFree()));

  private NfsGanesha() {}
}
