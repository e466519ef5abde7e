package io.leakwatch.heap.content;

/**
 * What one allocation or page looks like.
 *
 * @param type the same words for everything of the same kind
 * @param module that the type belongs to, {@code ""} for none
 * @param text the string in it that tells most, {@code ""} for none
 * @param example masked
 */
record Content(String type, String module, String text, String example) {}
