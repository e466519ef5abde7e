package io.leakwatch.saved.core;

/**
 * A part of a process' address space as a program header of its core file has it.
 *
 * @param permissions as a mapping table has them; gcore says readable of what has none
 * @param offset in the file
 * @param heldBytes whole pages from the start on that the file holds
 * @param statedBytes as many as it ought to hold
 */
record CoreSegment(
    long start, long end, int permissions, long offset, long heldBytes, long statedBytes) {}
