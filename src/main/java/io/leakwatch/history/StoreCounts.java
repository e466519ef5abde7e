package io.leakwatch.history;

/**
 * What the store has done since it was made; every figure only rises.
 *
 * @param storedSamples written to the file
 * @param lostSamples given up, because the file could not be written for too long
 * @param consolidatedSamples raw samples that were folded into consolidated ones
 * @param expiredSamples forgotten because of their age
 * @param evictedSamples forgotten before their time, to stay below the size
 * @param damagedBlocks blocks of samples that could not be decoded when they were consolidated
 * @param failedWrites attempts that did not succeed
 */
public record StoreCounts(
    long storedSamples,
    long lostSamples,
    long consolidatedSamples,
    long expiredSamples,
    long evictedSamples,
    long damagedBlocks,
    long failedWrites) {}
