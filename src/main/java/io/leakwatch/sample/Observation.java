package io.leakwatch.sample;

/**
 * A sample together with the instance it was taken of.
 *
 * @param process the configured instance name, e.g. {@code chunkserver-8200}
 */
public record Observation(String process, Sample sample) {}
