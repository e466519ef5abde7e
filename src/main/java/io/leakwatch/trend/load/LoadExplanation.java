package io.leakwatch.trend.load;

/**
 * What one figure of load has to do with a growth.
 *
 * @param metric its name
 * @param counter whether it only ever rises: a sum since the start of the process. Memory that
 *     grows with it is never given back, so it says how much leaks with each, and excuses nothing
 * @param explainedFraction share of the growth that goes along with it, 0 to 1
 * @param bytesPerUnit how much memory goes along with one unit of it
 */
public record LoadExplanation(
    String metric, boolean counter, double explainedFraction, double bytesPerUnit) {}
