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
  private static final String FILES = "nfs://127.0.0.1/lab";
  private static final String VERSION = "version=4\\&nfsport=$PORT";

  /**
   * Each client reads one file that never ends: one that comes anew for each file leaves a client
   * id behind each time, which the server keeps beyond this laboratory's time.
   */
  public static final Server SERVER =
      new Server(
          "nfs-ganesha",
          Installation.of("nfs-ganesha nfs-ganesha-vfs libnfs-utils", "ganesha.nfsd -v", ""),
          Memory.PTMALLOC,
          new Start(
              """
              mkdir lab recovery
              echo small >lab/small; truncate -s 4T lab/large
              cat >ganesha.conf <<END
              NFS_CORE_PARAM {
                Protocols = 4; NFS_Port = $PORT; Bind_addr = 127.0.0.1;
                Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false;
              }
              NFSv4 {
                Graceless = true; RecoveryRoot = "$DIR/recovery"; Lease_Lifetime = 5;
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
              "nfs-cat " + FILES + "/small?" + VERSION + " >/dev/null",
              """
              n=0
              while [ $n -lt $CLIENTS ]; do
                n=$((n + 1))
              """
                  + "nfs-cat "
                  + FILES
                  + "/large?"
                  + VERSION
                  + """
               >/dev/null &
              done
              wait
              """,
              2,
              ""),
          List.of(Leak.forgottenFree()));

  private NfsGanesha() {}
}
