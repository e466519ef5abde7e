/**
 * The process that runs for months: signals, reload, readiness, ports, wiring. {@link
 * io.leakwatch.agent.Watchdog} is the object graph of the daemon, read from top to bottom; {@link
 * io.leakwatch.agent.Daemon} and {@link io.leakwatch.agent.Gateway} run it and its network. Only
 * the commands call it.
 */
@NullMarked
package io.leakwatch.agent;

import org.jspecify.annotations.NullMarked;
