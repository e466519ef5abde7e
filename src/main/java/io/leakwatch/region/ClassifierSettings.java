package io.leakwatch.region;

/**
 * Bounds of one reading of an address space.
 *
 * @param heapProbesMax 64 MiB aligned addresses that are read
 * @param chunkProbesMax page starts that are read in search of mmapped chunks
 * @param stackProbesMax stacks of unusual length whose upper end is searched for
 */
public record ClassifierSettings(int heapProbesMax, int chunkProbesMax, int stackProbesMax) {

  public static final ClassifierSettings DEFAULTS = new ClassifierSettings(65_536, 8_192, 2_048);
}
