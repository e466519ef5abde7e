package io.leakwatch.field;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;

/**
 * A program that compresses ten times a second and never ends its Deflaters, but keeps them
 * reachable: 268 kB of malloc each, while the Java heap stays level. With an argument it ends them.
 * Ends with its standard input.
 */
final class Deflaters {
  private final List<Deflater> kept = new ArrayList<>();
  private final byte[] in = new byte[20_000];
  private final byte[] out = new byte[20_000];

  private final boolean ended;

  private Deflaters(boolean ended) {
    this.ended = ended;
  }

  public static void main(String[] args) throws IOException {
    Deflaters deflaters = new Deflaters(args.length > 0);
    ScheduledExecutorService pace = Executors.newSingleThreadScheduledExecutor();
    pace.scheduleAtFixedRate(deflaters::compress, 0, 100, TimeUnit.MILLISECONDS);
    System.out.println("ready");
    while (System.in.read() >= 0) {}
    pace.shutdownNow();
  }

  private void compress() {
    Deflater deflater = new Deflater();
    deflater.setInput(in);
    deflater.finish();
    deflater.deflate(out);
    if (ended) {
      deflater.end();
    } else {
      kept.add(deflater);
    }
  }
}
