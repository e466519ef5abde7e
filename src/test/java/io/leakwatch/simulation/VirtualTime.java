package io.leakwatch.simulation;

import io.leakwatch.time.Time;
import io.leakwatch.time.Workers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Time that passes when everybody waits, and threads that take turns. Of all threads one runs at a
 * time: it runs until it waits, then time jumps to the next event and whoever waits for that goes
 * on. So a run is the same each time, and a day in which little happens is over at once.
 *
 * <p>All methods are for the thread that runs.
 */
final class VirtualTime implements Time, Workers {
  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final BooleanSupplier instantSteps;
  private long nowNanos;
  private long wallMillis;
  private long sequence;
  private Actor running = new Actor(Thread.currentThread(), null);
  private @Nullable Throwable failure;

  /**
   * Begins.
   *
   * @param wallMillis the clock of the node, since 1970
   * @param instantSteps whether the steps of loops take no time now; they are run without a change
   *     of threads then
   */
  VirtualTime(long wallMillis, BooleanSupplier instantSteps) {
    this.wallMillis = wallMillis;
    this.instantSteps = instantSteps;
  }

  private record Event(long atNanos, long sequence, Actor actor, long turn)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int order = Long.compare(atNanos, other.atNanos);
      return order != 0 ? order : Long.compare(sequence, other.sequence);
    }
  }

  /** A thread that waits or runs; or a step that is run on whatever thread waits. */
  private static final class Actor {
    private final Semaphore baton = new Semaphore(0);
    private final @Nullable Thread thread;
    private final @Nullable Runnable step;
    private long turn;
    private long cpuNanos;
    private boolean interrupted;

    Actor(@Nullable Thread thread, @Nullable Runnable step) {
      this.thread = thread;
      this.step = step;
    }
  }

  @Override
  public long nanos() {
    return nowNanos;
  }

  @Override
  public long millis() {
    return wallMillis + nowNanos / 1_000_000;
  }

  @Override
  public long cpuNanos() {
    return running.cpuNanos;
  }

  /** Lets the running thread use the processor for so long. */
  void work(long nanos) {
    running.cpuNanos += nanos;
    pause(nanos);
  }

  /** Sets the clock of the node forward, or back. */
  void jump(Duration by) {
    wallMillis += by.toMillis();
  }

  @Override
  public void pause(long nanos) {
    Actor self = running;
    if (self.thread == null) {
      throw new AssertionError("a step waits that was said to take no time");
    }
    if (self.interrupted) {
      Thread.currentThread().interrupt();
      return;
    }
    schedule(self, nanos);
    awaitTurn(self);
  }

  private void schedule(Actor actor, long afterNanos) {
    events.add(new Event(nowNanos + Math.max(0, afterNanos), sequence++, actor, ++actor.turn));
  }

  /** Goes on when an event of this thread comes; an error of another thread is thrown here. */
  private void awaitTurn(Actor self) {
    Actor next = next();
    if (next != self) {
      next.baton.release();
      self.baton.acquireUninterruptibly();
    }
    running = self;
    if (self.interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets time pass to the next event of a thread, and runs the steps on the way. */
  private Actor next() {
    while (true) {
      Event event = events.remove();
      if (event.turn() != event.actor().turn) {
        continue; // It was woken before.
      }
      nowNanos = event.atNanos();
      Runnable step = event.actor().step;
      if (step == null) {
        return event.actor();
      }
      running = event.actor();
      step.run();
    }
  }

  /** The first error of any thread, null while there was none. */
  @Nullable Throwable failure() {
    return failure;
  }

  private void guarded(Runnable work) {
    try {
      work.run();
    } catch (Throwable e) { // Told by the simulation, whoever's thread it was.
      failure = failure == null ? e : failure;
    }
  }

  /** Starts a thread that waits for its first event. */
  private Actor start(String name, Runnable work) {
    Actor[] self = new Actor[1];
    Thread thread =
        new Thread(
            () -> {
              self[0].baton.acquireUninterruptibly();
              running = self[0];
              guarded(work);
              next().baton.release();
            },
            "virtual " + name);
    thread.setDaemon(true);
    self[0] = new Actor(thread, null);
    thread.start();
    return self[0];
  }

  @Override
  public Queue queue(String name, int threads, int waitingMax) {
    return new VirtualQueue(name, threads, waitingMax);
  }

  private final class VirtualQueue implements Queue {
    private final String name;
    private final int threads;
    private final int waitingMax;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final List<Actor> workers = new ArrayList<>();
    private final Deque<Actor> idle = new ArrayDeque<>();
    private boolean closed;

    VirtualQueue(String name, int threads, int waitingMax) {
      this.name = name;
      this.threads = threads;
      this.waitingMax = waitingMax;
    }

    @Override
    public boolean offer(Runnable work) {
      boolean free = !idle.isEmpty() || workers.size() < threads;
      if (closed || (!free && waiting.size() >= waitingMax)) {
        return false;
      }
      waiting.add(work);
      if (!idle.isEmpty()) {
        schedule(idle.remove(), 0);
      } else if (workers.size() < threads) {
        Actor[] self = new Actor[1];
        self[0] = start(name, () -> work(self[0]));
        workers.add(self[0]);
        schedule(self[0], 0);
      }
      return true;
    }

    private void work(Actor self) {
      while (!closed) {
        Runnable next = waiting.poll();
        if (next == null) {
          idle.add(self);
          awaitTurn(self);
        } else {
          guarded(next);
        }
      }
    }

    @Override
    public void close() {
      closed = true;
      waiting.clear();
      for (Actor worker : workers) {
        worker.interrupted = true;
        schedule(worker, 0);
      }
    }
  }

  @Override
  public Loop loop(String name, LongSupplier step) {
    return new VirtualLoop(name, step);
  }

  private final class VirtualLoop implements Loop {
    private final LongSupplier step;
    private final Actor instant = new Actor(null, this::instantStep);
    private final Actor slow;
    private boolean busy;
    private boolean closed;

    VirtualLoop(String name, LongSupplier step) {
      this.step = step;
      this.slow = start(name, this::slowSteps);
      schedule(instant, 0);
    }

    private void instantStep() {
      if (closed || busy) {
        return;
      }
      if (instantSteps.getAsBoolean()) {
        guarded(() -> schedule(instant, step.getAsLong()));
      } else {
        busy = true;
        schedule(slow, 0);
      }
    }

    private void slowSteps() {
      while (!closed) {
        guarded(() -> schedule(instant, step.getAsLong()));
        busy = false;
        if (!closed) {
          awaitTurn(slow);
        }
      }
    }

    @Override
    public void wake() {
      if (!busy && !closed) {
        schedule(instant, 0);
      }
    }

    @Override
    public void close() {
      closed = true;
      slow.interrupted = true;
      schedule(slow, 0);
    }
  }
}
