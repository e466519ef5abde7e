package io.leakwatch.cli.top;

import io.leakwatch.agent.Signals;
import io.leakwatch.export.table.ProcessList;
import io.leakwatch.export.table.ProcessScreen;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.program.NodeName;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jline.terminal.Size;

/**
 * The live view: what happens is put into one queue (keys, news, a new size, the wish to stop), and
 * one thread takes it out and draws. Where the queue is full, keys are lost and nothing waits.
 */
final class LiveView {
  private static final int WAITING_MAX = 64;
  private static final int READ_BYTES = 64;
  private static final Duration STOP_PATIENCE = Duration.ofMillis(1500);

  /** What can happen. */
  private sealed interface Event {
    record Pressed(Key key) implements Event {}

    record Heard(String agent, ProcessList processes) implements Event {}

    record Drawn(String process, HeapStrips heaps) implements Event {}

    record Failed(String agent, String problem) implements Event {}

    record Resized() implements Event {}

    record Stop() implements Event {}
  }

  private final FullScreen screen;
  private final Supplier<TopSource> finder;
  private final Duration interval;
  private final boolean colours;
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(WAITING_MAX);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Released when something is to be asked before the interval is over. */
  private final Semaphore early = new Semaphore(0);

  /** The process whose heaps are asked for, {@code ""} for none. */
  private volatile String opened = "";

  private LiveState state = LiveState.of(NodeName.get());

  /**
   * @param finder finds, on another thread, who is asked; it may take a while
   */
  LiveView(FullScreen screen, Supplier<TopSource> finder, Duration interval, boolean colours) {
    this.screen = screen;
    this.finder = finder;
    this.interval = interval;
    this.colours = colours;
  }

  /** Runs until a key or a signal stops it. */
  void run() throws InterruptedException {
    for (String signal : List.of("INT", "TERM", "HUP")) {
      Signals.on(signal, this::stop);
    }
    Signals.on("WINCH", () -> events.offer(new Event.Resized()));
    Signals.on("CONT", () -> events.offer(new Event.Resized()));
    start("keys", this::readKeys);
    Thread asker = start("asker", this::ask);
    try {
      boolean goOn = true;
      while (goOn) {
        draw();
        goOn = take(events.take());
        while (goOn && !events.isEmpty()) {
          goOn = take(events.take());
        }
        open(state.opened());
      }
    } finally {
      asker.interrupt();
      screen.close();
      ended.countDown();
    }
  }

  private static Thread start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void readKeys() {
    byte[] read = new byte[READ_BYTES];
    for (int count = screen.read(read); count > 0; count = screen.read(read)) {
      Key.of(read, count).forEach(key -> events.offer(new Event.Pressed(key)));
    }
    stop();
  }

  private void ask() {
    try (TopSource source = finder.get()) {
      while (true) {
        Event news;
        try {
          ProcessList processes = source.ask();
          news = new Event.Heard(source.words(), processes);
        } catch (IOException e) {
          news = new Event.Failed(source.words(), String.valueOf(e.getMessage()));
        }
        events.put(news);
        if (news instanceof Event.Heard) {
          askHeaps(source);
        }
        if (early.tryAcquire(interval.toNanos(), TimeUnit.NANOSECONDS)) {
          early.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Has the heaps of a process asked for at once when it gets the room. */
  private void open(String process) {
    if (!process.equals(opened)) {
      opened = process;
      early.release();
    }
  }

  /** Of the process that has the room; where they are not told, what was shown of them stays. */
  private void askHeaps(TopSource source) throws InterruptedException {
    String process = opened;
    if (!process.isEmpty()) {
      try {
        events.put(new Event.Drawn(process, source.heaps(process)));
      } catch (IOException e) {
        return; // An agent that answers and does not know them: an older one.
      }
    }
  }

  /** Asks for the end. Where that does not come, at least the terminal's settings are put back. */
  private void stop() {
    try {
      long patience = STOP_PATIENCE.toMillis();
      boolean asked = events.offer(new Event.Stop(), patience, TimeUnit.MILLISECONDS);
      if (!asked || !ended.await(patience, TimeUnit.MILLISECONDS)) {
        screen.abandon();
        Runtime.getRuntime().halt(1);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean take(Event event) {
    if (event instanceof Event.Heard news) {
      state = state.heard(news.agent(), news.processes());
    } else if (event instanceof Event.Drawn news) {
      state = state.drawn(news.process(), news.heaps());
    } else if (event instanceof Event.Failed news) {
      state = state.failed(news.agent(), news.problem());
    } else if (event instanceof Event.Resized) {
      screen.resized();
    } else if (event instanceof Event.Pressed pressed) {
      press(pressed.key());
      return pressed.key() != Key.QUIT;
    }
    return !(event instanceof Event.Stop);
  }

  private void press(Key key) {
    if (key == Key.SUSPEND) {
      screen.suspend();
    } else if (key == Key.REDRAW) {
      screen.wipe();
    }
    state = state.pressed(key, Math.max(1, screen.size().getRows() / 2));
  }

  private void draw() {
    Size size = screen.size();
    screen.show(
        ProcessScreen.lines(
            state.shown(), SystemTime.TIME.now(), size.getColumns(), size.getRows(), colours));
  }
}
