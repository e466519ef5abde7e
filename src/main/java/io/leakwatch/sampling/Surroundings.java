package io.leakwatch.sampling;

import io.leakwatch.config.Configuration;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.inspection.LiveNode;
import io.leakwatch.inspection.SampledNode;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.time.SystemTime;
import io.leakwatch.time.Time;
import io.leakwatch.time.Workers;

/**
 * What the sampler is given of the world.
 *
 * @param time the only clock
 * @param workers the only threads
 * @param node the processes, their memory and their heaps
 * @param procFs for the sockets and configuration files of targets
 * @param network the way to metrics endpoints and to the receivers of alerts
 */
public record Surroundings(
    Time time, Workers workers, SampledNode node, ProcFs procFs, Outbound network) {

  /** Those of the node that this program runs on. */
  public static Surroundings live(Configuration configuration, ProcFs procFs, Outbound network) {
    LiveNode node =
        new LiveNode(
            procFs, configuration.walk(), configuration.sampling().maxMappings(), SystemTime.TIME);
    return new Surroundings(SystemTime.TIME, SystemThreads.WORKERS, node, procFs, network);
  }
}
