/**
 * The laboratory: real servers of Debian and of Maven Central under their own clients' load,
 * healthy in several phases and with planted leaks, held against what {@code inspect}, {@code
 * diagnose} and the daemon say of them. It knows the program by its contract only, so that it
 * judges any jar.
 *
 * <p>{@code mvn -Plab verify} runs all servers, {@code -Dleakwatch.lab=redis,etcd} some, {@code
 * -Dleakwatch.lab.looks=10} looks so often in each healthy phase under load, {@code
 * -Dleakwatch.jar=FILE} judges another jar. {@link io.leakwatch.lab.Requirements} says what is
 * right.
 */
package io.leakwatch.lab;
