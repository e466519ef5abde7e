package io.leakwatch.sampling;

import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.inspection.MappingReader;

/**
 * What the sampler thread lends to each watch while it takes its sample.
 *
 * @param looker the shared table and buffers
 * @param images what is known of executables and libraries
 * @param budget the node's
 */
record SampleContext(MappingReader looker, ExecutableCache images, NodeBudget budget) {}
