/**
 * The program on other kernels: Debian's cloud kernels from Linux 5.10 to the newest are booted in
 * an emulated machine, where leakwatch speaks of programs whose memory is known. {@code
 * src/test/kernels/init} runs in the guest and writes down what was said and what is true; {@link
 * io.leakwatch.kernels.Requirements} judges it; the table is in {@code src/docs/kernels.md}.
 *
 * <p>{@code mvn -Pkernels verify} runs all kernels, {@code -Dleakwatch.kernels=bookworm,sid} some.
 */
package io.leakwatch.kernels;
