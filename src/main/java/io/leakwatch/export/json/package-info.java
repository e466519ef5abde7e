/**
 * Snapshot, samples, diagnoses and incidents as the JSON objects of the contract. Fields are added
 * and never removed.
 */
@NullMarked
package io.leakwatch.export.json;

import org.jspecify.annotations.NullMarked;
