package io.leakwatch.trend;

/**
 * A rise that one of the tests found in an array of floors.
 *
 * @param from index of the floor where it begins
 * @param to index after the last floor of its window
 * @param besideCycleBytes what rose beside a cycle or below garbage, {@code NaN} where none was
 *     taken from it
 * @param besideLoad whether the load was taken from it before it was found
 */
record Finding(
    Channel channel,
    int from,
    int to,
    double bendEvidence,
    double besideCycleBytes,
    boolean besideLoad) {
  Finding(Channel channel, int from, int to, double bendEvidence) {
    this(channel, from, to, bendEvidence, Double.NaN, false);
  }
}
