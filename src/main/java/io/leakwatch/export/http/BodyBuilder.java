package io.leakwatch.export.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A body under way; takes its memory piece by piece, and gives it back unless it is finished. */
final class BodyBuilder extends OutputStream {
  private static final int PACKED_FROM_BYTES = 1024;
  private static final int PIECE_BYTES = 16 << 10;

  private final AnswerMemory memory;
  private final Pieces pieces;
  private final byte[] begin = new byte[PACKED_FROM_BYTES];
  private @Nullable Packing packing;
  private long plainBytes;
  private boolean finished;

  BodyBuilder(AnswerMemory memory) {
    this.memory = memory;
    this.pieces = new Pieces(memory);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    if (plainBytes + count > Body.PLAIN_BYTES_MAX) {
      throw memory.full();
    }
    if (packing == null && plainBytes + count <= begin.length) {
      System.arraycopy(bytes, offset, begin, (int) plainBytes, count);
    } else {
      if (packing == null) {
        packing = new Packing(pieces);
        packing.write(begin, 0, (int) plainBytes);
      }
      packing.write(bytes, offset, count);
    }
    plainBytes += count;
  }

  /** The body, with the memory that it was composed in. */
  Body finish() throws IOException {
    if (packing == null) {
      pieces.write(begin, 0, (int) plainBytes);
    } else {
      packing.finish();
    }
    List<byte[]> all = pieces.finish();
    finished = true;
    return new Body(all, packing != null, plainBytes, memory);
  }

  @Override
  public void close() {
    if (packing != null) {
      packing.end();
    }
    if (!finished) {
      memory.give(pieces.takenBytes);
    }
  }

  /** Whose native memory is given back also when it was not written to the end. */
  private static final class Packing extends GZIPOutputStream {
    Packing(OutputStream out) throws IOException {
      super(out, PIECE_BYTES / 4);
    }

    void end() {
      def.end();
    }
  }

  /** Bytes that never move once they are written. */
  private static final class Pieces extends OutputStream {
    private final AnswerMemory memory;
    private final List<byte[]> full = new ArrayList<>();
    private byte[] piece = new byte[0];
    private int used;
    private long takenBytes;

    Pieces(AnswerMemory memory) {
      this.memory = memory;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
      int done = 0;
      while (done < count) {
        if (used == piece.length) {
          next();
        }
        int room = Math.min(count - done, piece.length - used);
        System.arraycopy(bytes, offset + done, piece, used, room);
        used += room;
        done += room;
      }
    }

    private void next() throws IOException {
      memory.take(PIECE_BYTES);
      takenBytes += PIECE_BYTES;
      if (used > 0) {
        full.add(piece);
      }
      piece = new byte[PIECE_BYTES];
      used = 0;
    }

    /** All of them, and the memory that the last one did not need given back. */
    List<byte[]> finish() {
      if (used > 0) {
        full.add(Arrays.copyOf(piece, used));
        memory.give(piece.length - used);
      }
      return full;
    }
  }
}
