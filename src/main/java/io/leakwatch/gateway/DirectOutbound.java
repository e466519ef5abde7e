package io.leakwatch.gateway;

import io.leakwatch.alert.HttpPost;
import io.leakwatch.load.HttpGet;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The network of this process itself. */
public final class DirectOutbound implements Outbound {
  private final Path procRoot;

  public DirectOutbound(Path procRoot) {
    this.procRoot = procRoot;
  }

  @Override
  public Optional<String> send(URI address, String json, Duration timeout) {
    return HttpPost.send(address, json, timeout);
  }

  @Override
  public Optional<String> get(URI address, Duration timeout, long bytesMax, HttpGet.Sink sink) {
    return HttpGet.send(address, timeout, bytesMax, sink);
  }

  @Override
  public Network network() {
    try {
      return new Network(Files.readSymbolicLink(procRoot.resolve("self/ns/net")).toString(), "");
    } catch (IOException e) {
      return new Network("", "its own network namespace is unknown: " + e.getMessage());
    }
  }
}
