package io.leakwatch.proc;

/**
 * A thread of a process.
 *
 * @param name as the kernel knows it, at most 15 bytes, foreign text
 * @param stackPointer at the moment of the reading; 0 when it was running just then, or the kernel
 *     does not tell
 */
public record ProcessThread(int tid, String name, long stackPointer) {}
