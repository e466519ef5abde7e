package io.leakwatch.proc.limits;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of /proc/PID/cgroup: the cgroup that a process is in, in one hierarchy (cgroups(7)).
 *
 * @param controllers the v1 controllers of the hierarchy, {@code ""} for v2
 * @param path from the root of the cgroup namespace of whoever reads; may start with {@code /..}
 */
public record CgroupMembership(String controllers, String path) {
  private static final int HIERARCHIES_MAX = 64;

  public static List<CgroupMembership> parse(String text) {
    List<CgroupMembership> memberships = new ArrayList<>();
    for (String line : text.split("\n", HIERARCHIES_MAX + 1)) {
      int first = line.indexOf(':');
      int second = line.indexOf(':', first + 1);
      if (first >= 0 && second >= 0 && memberships.size() < HIERARCHIES_MAX) {
        memberships.add(
            new CgroupMembership(line.substring(first + 1, second), line.substring(second + 1)));
      }
    }
    return memberships;
  }

  /** Whether the hierarchy has a controller; v2 is asked for with {@code ""}. */
  boolean has(String controller) {
    return List.of(controllers.split(",", -1)).contains(controller);
  }
}
