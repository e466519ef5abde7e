package io.leakwatch.config;

import io.leakwatch.load.LoadSettings;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which processes are meant, and what they are called. All conditions that are set must hold.
 *
 * @param name instance name; {@code ${group}} stands for a named group of one of the expressions,
 *     {@code ${container}} also for the container's short id
 * @param program matches the file name of the executable, or of {@code argv[0]} where that may not
 *     be read
 * @param exe matches the executable's whole path
 * @param comm matches the kernel's name of the process, which is cut to 15 bytes
 * @param commandLine is found in the arguments joined by blanks
 * @param unit matches the systemd unit
 * @param cgroup is found in the path of one of its cgroups
 * @param limitBytes anonymous memory at which the process is in trouble though no limit of the
 *     system says so; 0 for none
 * @param load where to ask how much work the process does
 */
public record TargetSettings(
    String name,
    Optional<Pattern> program,
    Optional<Pattern> exe,
    Optional<Pattern> comm,
    Optional<Pattern> commandLine,
    Optional<Pattern> unit,
    Optional<Pattern> cgroup,
    long limitBytes,
    Optional<LoadSettings> load) {

  public TargetSettings {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the name must not be empty");
    }
    if (program.isEmpty()
        && exe.isEmpty()
        && comm.isEmpty()
        && commandLine.isEmpty()
        && unit.isEmpty()
        && cgroup.isEmpty()) {
      throw new IllegalArgumentException(
          "one of program, exe, comm, command-line, unit, cgroup must say which processes `"
              + name
              + "` means");
    }
    Set<String> groups =
        Stream.of(program, exe, comm, commandLine, unit, cgroup)
            .flatMap(Optional::stream)
            .flatMap(expression -> GroupNames.of(expression).stream())
            .collect(Collectors.toSet());
    for (String group : GroupNames.inTemplate(name)) {
      if (!groups.contains(group) && !group.equals(GroupNames.CONTAINER)) {
        throw new IllegalArgumentException(
            "no expression has the group `" + group + "` of the name `" + name + "`");
      }
    }
    for (String group : GroupNames.inTemplate(load.flatMap(LoadSettings::url).orElse(""))) {
      if (!groups.contains(group)) {
        throw new IllegalArgumentException(
            "no expression has the group `" + group + "` of the load's url");
      }
    }
  }
}
