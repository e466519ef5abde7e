package io.leakwatch.app;

/**
 * What the sampler thread lends to each watch while it takes its sample.
 *
 * @param looker the shared table and buffers
 * @param images what is known of executables and libraries
 * @param budget the node's
 */
record SampleContext(Looker looker, Images images, NodeBudget budget) {}
