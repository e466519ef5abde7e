/**
 * The processes of a node: {@link io.leakwatch.proc.ProcFs} finds and identifies them, {@link
 * io.leakwatch.proc.ProcessReader} reads one again and again. Every attempt ends in an {@link
 * io.leakwatch.proc.file.Outcome}: sampled, vanished, denied or unable.
 */
@NullMarked
package io.leakwatch.proc;

import org.jspecify.annotations.NullMarked;
