package io.leakwatch.history.block;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Bytes of a block that is being read; every length in them is checked before it is used. */
final class BlockInput {
  private final ByteBuffer in;

  BlockInput(byte[] bytes) {
    this(ByteBuffer.wrap(bytes));
  }

  private BlockInput(ByteBuffer in) {
    this.in = in;
  }

  boolean atEnd() {
    return !in.hasRemaining();
  }

  byte next() throws SampleBlock.Damaged {
    require(1);
    return in.get();
  }

  private long varint() throws SampleBlock.Damaged {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte b = next();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new SampleBlock.Damaged("number");
  }

  int length(int max) throws SampleBlock.Damaged {
    long value = varint();
    if (value < 0 || value > max) {
      throw new SampleBlock.Damaged("length");
    }
    return (int) value;
  }

  long signed() throws SampleBlock.Damaged {
    long value = varint();
    return (value >>> 1) ^ -(value & 1);
  }

  long fixed() throws SampleBlock.Damaged {
    require(Long.BYTES);
    return in.getLong();
  }

  byte[] bytes(int count) throws SampleBlock.Damaged {
    require(count);
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  /** The next length and as many bytes. */
  BlockInput slice() throws SampleBlock.Damaged {
    int length = length(in.remaining());
    require(length);
    ByteBuffer part = in.slice(in.position(), length);
    in.position(in.position() + length);
    return new BlockInput(part);
  }

  String text() {
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  private void require(int count) throws SampleBlock.Damaged {
    if (in.remaining() < count) {
      throw new SampleBlock.Damaged("cut off");
    }
  }
}
