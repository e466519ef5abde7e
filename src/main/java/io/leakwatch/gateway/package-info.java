/**
 * The agent's way to the network and back. An agent that may read every process' memory should have
 * no network, and who has the network should read no memory; so they can be two processes with two
 * Unix sockets between them, or one.
 */
@NullMarked
package io.leakwatch.gateway;

import org.jspecify.annotations.NullMarked;
