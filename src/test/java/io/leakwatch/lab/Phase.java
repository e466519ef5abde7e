package io.leakwatch.lab;

import java.util.Locale;

/**
 * A time in the life of a healthy server.
 *
 * <p>Each lasts as long as its looks take, some 20 s, and at the fast pace a second is two hours.
 */
enum Phase {
  /** The first data are put in. */
  START_UP,
  IDLE,
  /** The load of a normal day. */
  STEADY,
  /** Twice as many clients. */
  DOUBLED,
  /** Three seconds of load and three of none, over and over. */
  CYCLE,
  /** After the load. */
  STOPPED;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
