package io.leakwatch.region;

/**
 * Bounds of one look at an address space.
 *
 * @param heapProbesMax 64 MiB aligned addresses that are read
 * @param chunkProbesMax page starts that are read in search of mmapped chunks
 * @param stackProbesMax stacks of unusual length whose upper end is looked for
 */
public record ClassifierSettings(int heapProbesMax, int chunkProbesMax, int stackProbesMax) {

  public static final ClassifierSettings DEFAULTS = new ClassifierSettings(65_536, 8_192, 2_048);
}
