package io.leakwatch.export.http;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The body of an answer as it is held until a client has taken it: from a kilobyte on packed by
 * gzip, also for a client that does not take gzip, for what slow clients are held is what costs. It
 * is composed in pieces and is never whole in the plain.
 */
public final class Body implements Closeable {
  /** Of one body in the plain; what is longer is no answer of ours. */
  static final long PLAIN_BYTES_MAX = 64 << 20;

  private static final int BUFFER_BYTES = 4096;

  private final List<byte[]> pieces;
  private final boolean packed;
  private final long heldBytes;
  private final long plainBytes;
  private final AnswerMemory memory;
  private boolean closed;

  /**
   * @param pieces as they are held, not copied
   * @param memory that they were taken from, and are given back to
   */
  Body(List<byte[]> pieces, boolean packed, long plainBytes, AnswerMemory memory) {
    this.pieces = pieces;
    this.packed = packed;
    this.heldBytes = pieces.stream().mapToLong(piece -> piece.length).sum();
    this.plainBytes = plainBytes;
    this.memory = memory;
  }

  /** Writes a body in the plain. */
  public interface Writing {
    void to(OutputStream out) throws IOException;
  }

  /** Gives so many bytes. */
  public interface Source {
    byte[] take(int count) throws IOException;
  }

  /**
   * A body that takes no memory from others.
   *
   * @param plain is not copied
   */
  public static Body of(byte[] plain) {
    return new Body(List.of(plain), false, plain.length, AnswerMemory.UNBOUNDED);
  }

  /**
   * Composes a body; closing it gives its memory back.
   *
   * @throws AnswerMemory.Full when there is no room for it
   */
  public static Body compose(AnswerMemory memory, Writing writing) throws IOException {
    try (BodyBuilder composition = new BodyBuilder(memory)) {
      writing.to(composition);
      return composition.finish();
    }
  }

  /**
   * Takes over what somebody else has composed; closing it gives its memory back.
   *
   * @param heldBytes of it as it is held
   * @param plainBytes of it in the plain
   * @throws AnswerMemory.Full when there is no room for it
   */
  public static Body received(
      AnswerMemory memory, boolean packed, long heldBytes, long plainBytes, Source source)
      throws IOException {
    if (heldBytes < 0 || plainBytes < 0 || plainBytes > PLAIN_BYTES_MAX) {
      throw new IOException("an answer of an impossible length");
    }
    memory.take(heldBytes);
    try {
      byte[] bytes = source.take(Math.toIntExact(heldBytes));
      return new Body(List.of(bytes), packed, plainBytes, memory);
    } catch (IOException | RuntimeException e) {
      memory.give(heldBytes);
      throw e;
    }
  }

  /** Whether it is held packed by gzip. */
  public boolean isPacked() {
    return packed;
  }

  /** Its length as it is held. */
  public long heldBytes() {
    return heldBytes;
  }

  /** Its length in the plain. */
  public long plainBytes() {
    return plainBytes;
  }

  /** As it is held. */
  public InputStream held() {
    return new SequenceInputStream(
        Collections.enumeration(pieces.stream().map(ByteArrayInputStream::new).toList()));
  }

  /** In the plain; ends with an error where it is longer than it says. To be closed. */
  public InputStream plain() throws IOException {
    return packed ? new Bounded(new GZIPInputStream(held(), BUFFER_BYTES), plainBytes) : held();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      memory.give(heldBytes);
    }
  }

  /** What was packed elsewhere may be more than anybody can hold. */
  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long bytesMax) {
      super(in);
      this.left = bytesMax;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
      int taken = super.read(bytes, offset, count);
      left -= Math.max(0, taken);
      if (left < 0) {
        throw new IOException("an answer is longer than announced");
      }
      return taken;
    }
  }
}
