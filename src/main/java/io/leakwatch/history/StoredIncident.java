package io.leakwatch.history;

/**
 * The evidence that was gathered when a process was suspected.
 *
 * @param id unique name, also the last part of its address in the API
 * @param weight how bad it was; of many incidents of one process the heaviest is never dropped
 * @param json the evidence itself
 */
public record StoredIncident(
    String id, String process, double timeSeconds, double weight, String json) {}
