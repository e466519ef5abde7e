package io.leakwatch.proc.file;

/**
 * Stands around every single read that takes the target's mmap_lock, so that its owner can measure
 * the time inside the kernel, keep a budget, and pause. A pause belongs into {@link #after}: the
 * lock is free then.
 */
public interface ReadMeter {
  /** Lets every read pass at once. */
  ReadMeter UNPACED =
      new ReadMeter() {
        @Override
        public void before() {}

        @Override
        public void after() {}
      };

  /** The next statement is a read under the lock. */
  void before();

  /** The read has come back and the lock is free. */
  void after();
}
