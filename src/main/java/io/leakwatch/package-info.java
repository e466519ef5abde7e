/**
 * The entry point: {@link io.leakwatch.Main} knows all commands. The rooms below it are read in the
 * direction of the data: {@code proc} (what the kernel says) → {@code region} (what each mapping
 * is) → {@code heap} (what is inside an allocator) → {@code verdict}, with {@code history} and
 * {@code trend} for the time between two samples; then {@code alert} and {@code export}. {@code
 * sampling} drives them, {@code agent} wires them, {@code cli} are the commands.
 */
@NullMarked
package io.leakwatch;

import org.jspecify.annotations.NullMarked;
