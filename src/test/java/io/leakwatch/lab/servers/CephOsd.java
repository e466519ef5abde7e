package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import io.leakwatch.lab.Server.Installation;
import io.leakwatch.lab.Server.Leak;
import io.leakwatch.lab.Server.Memory;
import io.leakwatch.lab.Server.Start;
import io.leakwatch.lab.Server.Work;
import java.util.List;

/** A Ceph OSD with BlueStore in a file, and the monitor that it needs. */
public final class CephOsd {
  private static final String CEPH = "ceph -c $DIR/ceph.conf ";

  /**
   * The OSD gets its place by a command: by itself it may ask for it before it has the monitor's
   * map, is refused with "wrong fsid" and ends.
   */
  public static final Server SERVER =
      new Server(
          "ceph-osd",
          Installation.of("ceph-mon ceph-osd ceph-common", "ceph-osd --version", ""),
          Memory.PTMALLOC,
          new Start(
              """
              mkdir mon osd; touch keyring; fsid=$(cat /proc/sys/kernel/random/uuid)
              cat >ceph.conf <<END
              [global]
              fsid = $fsid
              mon_initial_members = a
              mon_host = [v1:127.0.0.1:$PORT]
              auth_cluster_required = none
              auth_service_required = none
              auth_client_required = none
              osd_pool_default_size = 1
              osd_pool_default_min_size = 1
              osd_crush_chooseleaf_type = 0
              mon_allow_pool_size_one = true
              mon_data_avail_crit = 1
              mon_data_avail_warn = 1
              ms_bind_msgr2 = false
              run_dir = $DIR
              admin_socket = $DIR/\\$name.asok
              log_file = $DIR/\\$name.log
              pid_file = $DIR/\\$name.pid
              mon_data = $DIR/mon
              osd_data = $DIR/osd
              keyring = $DIR/keyring
              public_addr = 127.0.0.1
              osd_memory_target = 939524096
              bluestore_block_size = 4294967296
              osd_objectstore = bluestore
              osd_class_update_on_start = false
              osd_crush_update_on_start = false
              END
              monmaptool --create --fsid $fsid --addv a "[v1:127.0.0.1:$PORT]" monmap
              ceph-mon -c $DIR/ceph.conf -i a --mkfs --monmap monmap
              """,
              """
              preload=$LD_PRELOAD; unset LD_PRELOAD
              ceph-mon -c $DIR/ceph.conf -i a -f >mon.out 2>&1 &
              osd=$(cat /proc/sys/kernel/random/uuid)
              ceph -c $DIR/ceph.conf osd new $osd
              ceph -c $DIR/ceph.conf osd crush add osd.0 1.0 host=lab root=default
              ceph-osd -c $DIR/ceph.conf -i 0 --mkfs --osd-uuid $osd >mkfs.out 2>&1
              echo starts
              exec env LD_PRELOAD=$preload ceph-osd -c $DIR/ceph.conf -i 0 -f
              """,
              "starts",
              ""),
          new Work(
              "until "
                  + CEPH
                  + "osd stat | grep -q '1 up'; do sleep 0.2; done; "
                  + CEPH
                  + "osd pool create bench 8 && rados -c $DIR/ceph.conf -p bench bench 3 write"
                  + " -t 4 -b 65536 --no-cleanup",
              """
              while :; do
                rados -c $DIR/ceph.conf -p bench bench 60 write -t $CLIENTS -b 16384 \
                  --max-objects 2000 --run-name lab --no-cleanup >/dev/null
              done
              """,
              4,
              "ceph --admin-daemon $DIR/osd.0.asok dump_mempools | tail -6 | tr -d ' {}\\n'"),
          List.of(Leak.forgottenFree()));

  private CephOsd() {}
}
