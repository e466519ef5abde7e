/**
 * What is behind the paths of the port: metrics, health, API, runbook and page, all from the newest
 * snapshot.
 */
@NullMarked
package io.leakwatch.export.api;

import org.jspecify.annotations.NullMarked;
