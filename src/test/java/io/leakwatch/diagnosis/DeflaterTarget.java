package io.leakwatch.diagnosis;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;

/** A Java program that never ends its deflaters: what leaks is native, what holds it is not. */
public final class DeflaterTarget {
  private static final List<Deflater> KEPT = new ArrayList<>();

  private DeflaterTarget() {}

  /** Keeps 20 more at each line of input, and has them grow old. */
  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      for (int i = 0; i < 20; i++) {
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[1000]);
        deflater.deflate(new byte[100]);
        KEPT.add(deflater);
      }
      System.gc();
      System.out.println("grown");
    }
  }
}
