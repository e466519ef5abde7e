package io.leakwatch.export.profile;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.leakwatch.text.Quantity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A heap profile in pprof's format: a gzip-compressed protobuf message (proto/profile.proto of
 * github.com/google/pprof). The sample types are those of Go's own heap profiles, so that tools
 * know them: {@code inuse_objects} in {@code count}, {@code inuse_space} in {@code bytes}. Each
 * sample has the label {@code owner}.
 *
 * <p>Of what is read only that is taken: the last value of each sample as its bytes, the one before
 * as its objects, and stacks by names. Profiles of Go's own can be read, too.
 */
public final class PprofFile {
  static final int SAMPLE_TYPE = 1;
  static final int SAMPLE = 2;
  static final int LOCATION = 4;
  static final int FUNCTION = 5;
  static final int STRING = 6;
  static final int TIME_NANOS = 9;
  static final int COMMENT = 13;
  static final int DEFAULT_SAMPLE_TYPE = 14;
  static final String OWNER = "owner";
  private static final int BYTES_MAX = 64 << 20;

  private PprofFile() {}

  /** Writes one. */
  public static byte[] of(HeapProfile profile) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(bytes)) {
      CodedOutputStream out = CodedOutputStream.newInstance(packed);
      new PprofWriter(out).write(profile);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("a profile cannot be written to memory", e);
    }
    return bytes.toByteArray();
  }

  /** Writes one of at most so many bytes: without what takes least, where it would be larger. */
  public static byte[] of(HeapProfile profile, int bytesMax) {
    byte[] whole = of(profile);
    int samples = profile.samples().size();
    while (whole.length > bytesMax && samples > 1) {
      samples /= 2;
      whole =
          of(
              new HeapProfile(
                  profile.process(), profile.time(), profile.samples().subList(0, samples)));
    }
    return whole;
  }

  /**
   * Reads one.
   *
   * @throws IOException where it is no such file; the message says what is wrong
   */
  public static HeapProfile read(InputStream file) throws IOException {
    return read(file, BYTES_MAX);
  }

  /** The same of one that has so many bytes at most when it is unpacked. */
  public static HeapProfile read(InputStream file, int bytesMax) throws IOException {
    byte[] message;
    try (GZIPInputStream unpacked = new GZIPInputStream(file)) {
      message = unpacked.readNBytes(bytesMax + 1);
    }
    if (message.length > bytesMax) {
      throw new IOException("more than " + Quantity.exact(bytesMax));
    }
    return new PprofReader().read(CodedInputStream.newInstance(new ByteArrayInputStream(message)));
  }
}
