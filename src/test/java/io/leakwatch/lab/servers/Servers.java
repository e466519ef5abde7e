package io.leakwatch.lab.servers;

import io.leakwatch.lab.Server;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** All servers of the laboratory. */
public final class Servers {
  public static final List<Server> ALL =
      List.of(
          Redis.SERVER,
          MariaDb.SERVER,
          Etcd.SERVER,
          CephOsd.SERVER,
          PostgreSql.SERVER,
          Memcached.SERVER,
          GlusterBrick.SERVER,
          Prometheus.SERVER,
          Nginx.SERVER,
          Slapd.SERVER,
          RabbitMq.SERVER,
          ZooKeeper.SERVER,
          HaProxy.SERVER,
          Samba.SERVER,
          NfsGanesha.SERVER,
          RpcServer.SERVER,
          Kafka.SERVER,
          HdfsDataNode.SERVER);

  private Servers() {}

  public static Set<String> names() {
    return ALL.stream().map(Server::name).collect(Collectors.toSet());
  }
}
