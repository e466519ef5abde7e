/**
 * Connections with an end to them: bytes to and from a peer, and HTTP over them, all until one
 * deadline. Whoever answers may be slow, hostile or something else altogether; it costs the caller
 * the time and the bytes that the caller names. There is no thread here.
 */
@NullMarked
package io.leakwatch.net;

import org.jspecify.annotations.NullMarked;
