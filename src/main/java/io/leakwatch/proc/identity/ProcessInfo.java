package io.leakwatch.proc.identity;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Who a process is.
 *
 * @param startTime boot time plus start ticks, exact to a second
 * @param uid effective user, -1 when unknown
 */
public record ProcessInfo(
    ProcessId id,
    Program program,
    Place place,
    Instant startTime,
    long uid,
    boolean kernelThread,
    boolean zombie) {

  /**
   * What it runs.
   *
   * @param comm the name in the kernel, cut to 15 bytes
   * @param commandLine empty for kernel threads and zombies
   * @param exe what the exe link points to, without the kernel's {@code " (deleted)"}; {@code ""}
   *     where it cannot be read
   * @param exeDeleted whether that file has been replaced or removed since the start
   */
  public record Program(String comm, List<String> commandLine, String exe, boolean exeDeleted) {}

  /**
   * Where it runs.
   *
   * @param cgroups every cgroup path it is in, v1 hierarchies and v2, without repetition
   * @param container short id or name of the container that it runs in, {@code ""} for none
   * @param innerPid its pid as its own (innermost) pid namespace counts
   */
  public record Place(List<String> cgroups, String container, int innerPid) {}

  /** The names by which people know its program, as {@link ProgramNames} says. */
  public List<String> programNames() {
    return ProgramNames.of(program.comm, program.exe, program.commandLine);
  }

  /** What to call it: by its program, else as the kernel does. */
  public String programName() {
    List<String> names = programNames();
    return names.isEmpty() ? program.comm : names.get(0);
  }

  /** The same without the arguments that come after so many characters. */
  public ProcessInfo withArguments(int charactersMax) {
    List<String> kept = new ArrayList<>();
    int left = charactersMax;
    for (String argument : program.commandLine) {
      if (left <= 0) {
        break;
      }
      kept.add(argument.length() <= left ? argument : argument.substring(0, left));
      left -= argument.length() + 1;
    }
    Program shorter = new Program(program.comm, List.copyOf(kept), program.exe, program.exeDeleted);
    return new ProcessInfo(id, shorter, place, startTime, uid, kernelThread, zombie);
  }
}
