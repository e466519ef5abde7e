package io.leakwatch.export;

import io.leakwatch.alert.Severity;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One time that a process' memory was alarming, from its begin to its end.
 *
 * @param id stable, unique on the node, of the characters {@code [A-Za-z0-9._-]}
 * @param verdict wire name of the last verdict
 * @param severity the highest
 * @param until null while it lasts
 * @param summary the alert's line
 * @param reportJson a JSON object with all evidence, {@code ""} where none was kept
 */
public record Incident(
    String id,
    String process,
    String verdict,
    Severity severity,
    Instant since,
    @Nullable Instant until,
    String summary,
    String reportJson) {}
