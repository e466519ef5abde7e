package io.leakwatch.heap.hotspot;

import java.util.HashMap;
import java.util.Map;

/**
 * The options that a JVM runs with, as it keeps them itself: given, by default or by ergonomics.
 */
final class JvmFlags {
  private static final int FLAGS_MAX = 4096;
  private static final int FLAG_BYTES_MAX = 256;
  private static final int NAME_BYTES_MAX = 128;

  private final TargetWords words;
  private final Map<String, Long> addresses;

  /**
   * Those of a JVM.
   *
   * @param addresses of the variables that hold them, by name
   */
  JvmFlags(Map<String, Long> addresses, TargetWords words) {
    this.addresses = addresses;
    this.words = words;
  }

  /** Where the JVM holds each of them. */
  static Map<String, Long> addresses(VmStructs structs, TargetWords words) {
    Map<String, Long> addresses = new HashMap<>();
    String type = structs.type("JVMFlag", "Flag"); // Flag in 8.
    int name = structs.offset(type, "_name");
    int address = structs.offset(type, "_addr");
    long start = words.word(structs.address(type + ".flags"));
    long count = words.word(structs.address(type + ".numFlags"));
    long stride = structs.bytes(type);
    if (name < 0 || address < 0 || start <= 0 || stride <= 0 || stride > FLAG_BYTES_MAX) {
      return addresses;
    }
    for (int i = 0; i < Math.min(count, FLAGS_MAX); i++) {
      String text = words.text(words.word(start + i * stride + name), NAME_BYTES_MAX);
      if (!text.isEmpty()) {
        addresses.put(text, words.word(start + i * stride + address));
      }
    }
    return addresses;
  }

  /** Whether one is on. */
  boolean isOn(String name) {
    Long address = addresses.get(name);
    return address != null && words.int8(address) != 0;
  }

  /** A number, or what else it is taken for where there is no such option. */
  long number(String name, long otherwise) {
    Long address = addresses.get(name);
    return address == null ? otherwise : words.word(address & -8L);
  }
}
