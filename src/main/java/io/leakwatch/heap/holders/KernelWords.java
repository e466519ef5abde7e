package io.leakwatch.heap.holders;

import io.leakwatch.heap.memory.MemoryScan;
import io.leakwatch.proc.ProcessThread;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Words of a process that the kernel keeps for it and that lie in none of its mappings: the
 * registers that carry a waiting thread's arguments, and what was registered with epoll. A chunk
 * that one of them refers to is held. They stand at addresses that no process has, each with who it
 * belongs to.
 */
final class KernelWords {
  private static final long BASE = 1L << 62;

  private final List<Long> words = new ArrayList<>();
  private final List<Root> roots = new ArrayList<>();

  /** Adds the registers of threads that wait in the kernel; others cannot be read. */
  void registers(Collection<ProcessThread> threads, ThreadMemory names) {
    for (ProcessThread thread : threads) {
      Root root = new Root("registers of " + names.name(thread), 0, Root.Rank.STACK);
      thread.arguments().forEach(word -> add(word, root));
    }
  }

  void epoll(List<Long> data) {
    Root root = new Root("epoll data", 0, Root.Rank.MEMORY);
    data.forEach(word -> add(word, root));
  }

  private void add(long word, Root root) {
    if (word > 0) {
      words.add(word);
      roots.add(root);
    }
  }

  /** Hands all of them to whoever searches. */
  void scan(MemoryScan.Receiver receiver) {
    long[] all = words.stream().mapToLong(Long::longValue).toArray();
    receiver.words(BASE, all, all.length);
  }

  /** Whether an address is one of theirs. */
  static boolean isTheirs(long address) {
    return address >= BASE;
  }

  Root rootOf(long address) {
    int at = (int) ((address - BASE) >>> 3);
    return at < roots.size() ? roots.get(at) : Root.DEAD;
  }
}
