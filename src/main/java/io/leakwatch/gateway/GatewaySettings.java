package io.leakwatch.gateway;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How agent and gateway speak with each other, where they are two processes.
 *
 * @param agentSocket where the agent answers the gateway
 * @param outletSocket where the gateway takes what the agent sends out
 * @param maxConnections to each of the two that are served at once
 * @param timeout for an answer of the agent
 * @param answerBytesMax answers, as they are packed, that the gateway holds at once in all
 */
public record GatewaySettings(
    Path agentSocket,
    Path outletSocket,
    int maxConnections,
    Duration timeout,
    int answerBytesMax) {}
