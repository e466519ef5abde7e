/**
 * The HTTP server: who may ask, how much at once, TLS and passwords as exporter-toolkit's {@code
 * web.config.file} sets them up, and answers whose memory is bounded. It does not know what it
 * serves.
 */
@NullMarked
package io.leakwatch.export.http;

import org.jspecify.annotations.NullMarked;
