package io.leakwatch.alert;

import java.time.Duration;

/**
 * When growth is reported.
 *
 * @param criticalExhaustion a limit that is reached within this time is critical
 * @param criticalEvidence growth over hours or days is critical only at this evidence, which
 *     without growth is reached once in as many days or more; 0 asks for none
 * @param warningExhaustion growth that the load explains is reported only when a limit is this near
 * @param horizon growth that reaches no limit within this time is not reported
 * @param minimumBytesPerDay growth below it is not reported where no limit is known
 * @param raiseAfter a higher severity is reported after it has held this long
 * @param clearAfter a lower severity is reported after it has held this long, and a warning that
 *     was cleared is not raised again for as long
 * @param absence the alert of a process that has ended goes on for as long; one that was gone for
 *     longer has nothing to report when it is back
 */
public record SeveritySettings(
    Duration criticalExhaustion,
    double criticalEvidence,
    Duration warningExhaustion,
    Duration horizon,
    double minimumBytesPerDay,
    Duration raiseAfter,
    Duration clearAfter,
    Duration absence) {}
