package io.leakwatch.proc;

import java.util.List;

/**
 * A thread of a process.
 *
 * @param name as the kernel knows it, at most 15 bytes, foreign text
 * @param stackPointer at the moment of the reading; 0 when it was running just then, or the kernel
 *     does not tell
 * @param arguments the six registers that carry the arguments of the system call it waits in; empty
 *     where the stack pointer is 0
 */
public record ProcessThread(int tid, String name, long stackPointer, List<Long> arguments) {
  public ProcessThread {
    arguments = List.copyOf(arguments);
  }
}
