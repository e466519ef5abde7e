package io.leakwatch.heap.hotspot;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A program on a JVM that holds what it is told: {@code leak N} adds sessions, {@code gc} collects,
 * {@code busy} makes garbage until the end, {@code virtual N} starts threads that wait, {@code
 * classes N} loads classes and {@code forget} lets them go. It answers each line by {@code ready}.
 */
final class JavaTarget {
  /** What it leaks. */
  static final class Session {
    final long id;
    final byte[] data = new byte[100];

    Session(long id) {
      this.id = id;
    }
  }

  private final List<Object> held = new ArrayList<>();
  private final List<Class<?>> loaded = new ArrayList<>();
  private final AtomicBoolean isEnded = new AtomicBoolean();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile Object garbage = "";

  private JavaTarget() {}

  public static void main(String[] arguments) throws IOException {
    new JavaTarget().run();
  }

  private void run() throws IOException {
    held.add(new Session[1000]);
    held.add(new byte[5 << 20]);
    held.add(new int[3][4][5]);
    held.add(ByteBuffer.allocateDirect(3 << 20));
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println("ready");
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "leak" -> leak(Integer.parseInt(words[1]));
        case "gc" -> System.gc();
        case "busy" -> busy();
        case "classes" -> loadClasses(Integer.parseInt(words[1]));
        case "forget" -> loaded.clear();
        case "virtual" -> startVirtual(Integer.parseInt(words[1]));
        default -> throw new IllegalArgumentException(line);
      }
      System.out.println("ready");
    }
    isEnded.set(true);
  }

  private void leak(int count) {
    for (int i = 0; i < count; i++) {
      held.add(new Session(i));
    }
  }

  /** Loads a class so many times, each time by another loader. */
  private void loadClasses(int count) throws IOException {
    byte[] session;
    try (InputStream file = JavaTarget.class.getResourceAsStream("JavaTarget$Session.class")) {
      session = file.readAllBytes();
    }
    for (int i = 0; i < count; i++) {
      loaded.add(new Loader().define(session));
    }
  }

  private static final class Loader extends ClassLoader {
    private Class<?> define(byte[] bytes) {
      return defineClass(null, bytes, 0, bytes.length);
    }
  }

  /** Threads of JDK 21 and later that wait, two frames deep. */
  private void startVirtual(int count) {
    try {
      CountDownLatch started = new CountDownLatch(count);
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      for (int i = 0; i < count; i++) {
        Class.forName("java.lang.Thread$Builder")
            .getMethod("start", Runnable.class)
            .invoke(builder, (Runnable) () -> await(started));
      }
      started.await();
    } catch (ReflectiveOperationException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void await(CountDownLatch started) {
    try {
      started.countDown();
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void busy() {
    Thread worker =
        new Thread(
            () -> {
              while (!isEnded.get()) {
                garbage = new byte[ThreadLocalRandom.current().nextInt(1000)];
              }
            });
    worker.setDaemon(true);
    worker.start();
  }

  Object garbage() {
    return garbage;
  }
}
