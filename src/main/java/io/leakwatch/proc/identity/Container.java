package io.leakwatch.proc.identity;

import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which container a process runs in, by the path of its cgroup.
 *
 * <p>Every engine makes a cgroup for a container and names it after the container's id of 64 hex
 * digits: {@code /docker/ID}, {@code docker-ID.scope}, {@code cri-containerd-ID.scope}, {@code
 * crio-ID.scope}, {@code libpod-ID.scope}, {@code /kubepods/…/podUID/ID}, {@code
 * …:cri-containerd:ID}; people know the first 12 of them. The monitors of podman and cri-o have a
 * cgroup with the id as well but run outside. LXC and systemd-nspawn use a name in the id's place.
 */
public final class Container {
  private static final int SHORT_ID_DIGITS = 12;
  private static final Pattern ID = Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])");
  private static final Pattern NAMED =
      Pattern.compile(
          "/(?:lxc\\.payload\\.|lxc/|machine-)([A-Za-z0-9._-]{1,64}?)(?:\\.scope)?(?:/|$)");

  private Container() {}

  /** The short id or name of the innermost container, {@code ""} when there is none. */
  public static String of(Collection<String> cgroups) {
    for (String cgroup : cgroups) {
      String[] parts = cgroup.split("/", -1);
      for (int i = parts.length - 1; i >= 0; i--) {
        Matcher id = ID.matcher(parts[i]);
        if (id.find() && !parts[i].contains("conmon")) {
          return id.group().substring(0, SHORT_ID_DIGITS);
        }
      }
    }
    for (String cgroup : cgroups) {
      List<String> names = NAMED.matcher(cgroup).results().map(found -> found.group(1)).toList();
      if (!names.isEmpty()) {
        return names.get(names.size() - 1);
      }
    }
    return "";
  }
}
