/** The servers of the laboratory: each one's description, with its load and its planted leaks. */
package io.leakwatch.lab.servers;
