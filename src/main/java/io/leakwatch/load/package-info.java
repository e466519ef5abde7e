/**
 * What is said of a process over HTTP: the answers of its own metrics endpoint, read as figures of
 * its work; what a brpc server remembers of its memory; what a Prometheus has recorded.
 */
@NullMarked
package io.leakwatch.load;

import org.jspecify.annotations.NullMarked;
