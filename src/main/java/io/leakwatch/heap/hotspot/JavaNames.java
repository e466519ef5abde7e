package io.leakwatch.heap.hotspot;

/** Names of Java classes as people write them. */
final class JavaNames {
  private static final int DIMENSIONS_MAX = 255;

  private JavaNames() {}

  /** Of the name in a class file: {@code [Lcom/app/Session;} is {@code com.app.Session[]}. */
  static String of(String internal) {
    int dimensions = 0;
    while (dimensions < internal.length()
        && dimensions < DIMENSIONS_MAX
        && internal.charAt(dimensions) == '[') {
      dimensions++;
    }
    String element = internal.substring(dimensions);
    if (dimensions > 0) {
      element = element(element);
    }
    return element.replace('/', '.') + "[]".repeat(dimensions);
  }

  private static String element(String descriptor) {
    if (descriptor.length() > 2 && descriptor.startsWith("L") && descriptor.endsWith(";")) {
      return descriptor.substring(1, descriptor.length() - 1);
    }
    return switch (descriptor) {
      case "B" -> "byte";
      case "C" -> "char";
      case "D" -> "double";
      case "F" -> "float";
      case "I" -> "int";
      case "J" -> "long";
      case "S" -> "short";
      case "Z" -> "boolean";
      default -> descriptor;
    };
  }
}
