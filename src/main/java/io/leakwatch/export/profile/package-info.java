/**
 * The heap profile of a process as files that others read: pprof's format ({@code go tool pprof},
 * Grafana, speedscope), a flame graph as a picture, a table. In come profiles of the owners of its
 * memory, or a file that was written before; who asks for one is the command line.
 */
@NullMarked
package io.leakwatch.export.profile;

import org.jspecify.annotations.NullMarked;
