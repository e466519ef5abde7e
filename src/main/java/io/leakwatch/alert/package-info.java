/**
 * Severity over time, and who is notified. Verdicts come in; {@link io.leakwatch.alert.Escalation}
 * turns them into severities with hysteresis, {@link io.leakwatch.alert.Alert} is the message, and
 * the sinks push it to Alertmanager, to webhooks and into the journal. Nothing here has a thread:
 * whoever calls decides when.
 */
@NullMarked
package io.leakwatch.alert;

import org.jspecify.annotations.NullMarked;
