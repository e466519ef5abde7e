package io.leakwatch.heap.content;

/**
 * What bytes resemble that have no type to tell: nothing at all, numbers, serialised messages,
 * noise.
 */
final class ByteLikeness {
  private static final long NUMBER_MAX = 1L << 40;
  private static final int NOISE_BYTES_MIN = 128;
  private static final int MESSAGE_FIELDS_MIN = 4;

  private ByteLikeness() {}

  static String of(Block block) {
    int zeros = 0;
    int numbers = 0;
    for (int i = 0; i < block.count(); i++) {
      long word = block.word(i);
      zeros += word == 0 ? 1 : 0;
      numbers += word != 0 && Math.abs(word) < NUMBER_MAX ? 1 : 0;
    }
    if (zeros == block.count()) {
      return "zeros";
    }
    if (isMessage(block)) {
      return "protobuf-like bytes";
    }
    if (isNoise(block)) {
      return "random or compressed bytes";
    }
    return numbers >= 0.7 * (block.count() - zeros) ? "integers" : "binary data";
  }

  /**
   * Compressed or encrypted bytes use all values alike. A short block cannot show all of them, so
   * what its entropy must reach is less: 95 % of what random bytes of that length have on average.
   */
  private static boolean isNoise(Block block) {
    int n = block.bytes();
    if (n < NOISE_BYTES_MIN) {
      return false;
    }
    int[] counts = new int[256];
    for (int i = 0; i < n; i++) {
      counts[block.byteAt(i)]++;
    }
    double entropy = 0;
    for (int count : counts) {
      if (count > 0) {
        entropy -= count * Math.log((double) count / n);
      }
    }
    entropy /= n * Math.log(2);
    double random = n >= 512 ? 7.59 : n >= 256 ? 7.17 : 6.55;
    return entropy >= 0.95 * random;
  }

  /**
   * A protobuf message is a row of fields, each with a tag of its number and wire type
   * (protobuf.dev/programming-guides/encoding). Random bytes do not stay in that form for long.
   */
  private static boolean isMessage(Block block) {
    int end = block.bytes();
    while (end > 0 && block.byteAt(end - 1) == 0) {
      end--;
    }
    int at = 0;
    int fields = 0;
    while (at < end) {
      int tag = block.byteAt(at++);
      int field = tag >>> 3;
      if (field == 0 || tag >= 0x80) {
        return false;
      }
      switch (tag & 7) {
        case 0 -> {
          while (at < end && block.byteAt(at) >= 0x80) {
            at++;
          }
          at++;
        }
        case 1 -> at += 8;
        case 2 -> {
          if (at >= end || block.byteAt(at) >= 0x80) {
            return false;
          }
          at += 1 + block.byteAt(at);
        }
        case 5 -> at += 4;
        default -> {
          return false;
        }
      }
      fields++;
    }
    return fields >= MESSAGE_FIELDS_MIN && end >= 12 && at - end <= 8;
  }
}
