package io.leakwatch.trend;

/** What an hour is expected to add to the floor, bytes. */
interface Expected {
  Expected NOTHING = hour -> 0;

  float at(long hour);
}
