package io.leakwatch.lab.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;

/** A leak in a JVM that runs another's program: as its agent, which nobody has to call. */
public final class LeakyAgent {
  private static final int ROUND_MILLIS = 20;
  private static final int ENTRY_BYTES = 10_000;
  private static final byte[] INPUT = new byte[100_000];

  private LeakyAgent() {}

  /**
   * Begins to leak, some 2 MB a second.
   *
   * @param kind {@code list}, which is only added to, or {@code deflater}, which is never ended
   */
  public static void premain(String kind) {
    Thread leak = new Thread(() -> run(kind.equals("deflater")), "leak");
    leak.setDaemon(true);
    leak.start();
  }

  private static void run(boolean deflaters) {
    List<Object> kept = new ArrayList<>();
    byte[] output = new byte[1000];
    for (int round = 0; ; round++) {
      if (!deflaters) {
        for (int i = 0; i < 4; i++) {
          kept.add(new byte[ENTRY_BYTES]);
        }
      } else if (round % 5 == 0) {
        Deflater deflater = new Deflater();
        deflater.setInput(INPUT);
        deflater.deflate(output);
        kept.add(deflater);
      }
      try {
        Thread.sleep(ROUND_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }
}
