package io.leakwatch.inspection;

import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.region.MemoryProbe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The words that classification asks for, from the memory of a live process. */
public final class RemoteProbe implements MemoryProbe {
  private static final int WORDS_MAX = 512;

  private final ProcessMemory memory;
  private @Nullable Boolean permitted;
  private final ByteBuffer buffer =
      RemoteMemory.allocate(WORDS_MAX * Long.BYTES).order(ByteOrder.nativeOrder());

  public RemoteProbe(ProcessMemory memory) {
    this.memory = memory;
  }

  @Override
  public boolean mayRead() {
    Boolean known = permitted;
    if (known == null) {
      Outcome<Boolean> access = memory.access();
      known = access instanceof Outcome.Sampled || access instanceof Outcome.Vanished;
      permitted = known;
    }
    return known;
  }

  @Override
  public boolean read(long address, long[] words) {
    if (words.length > WORDS_MAX) {
      return false;
    }
    buffer.clear().limit(words.length * Long.BYTES);
    if (memory.read(address, buffer) != words.length * Long.BYTES) {
      return false;
    }
    buffer.flip().order(ByteOrder.nativeOrder()).asLongBuffer().get(words);
    return true;
  }

  @Override
  public long residentBytes(long start, long end) {
    return memory.presentBytes(start, end, ReadMeter.UNPACED) instanceof Outcome.Sampled<Long> sum
        ? sum.value()
        : -1;
  }
}
