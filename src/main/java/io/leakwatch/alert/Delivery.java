package io.leakwatch.alert;

/** What became of sending to one address. */
public sealed interface Delivery {

  /** Which address, without a password in it. */
  String address();

  /** It accepted so many alerts. */
  record Accepted(String address, int alerts) implements Delivery {}

  /** It did not answer or refused; it will be tried again. */
  record Failed(String address, String reason) implements Delivery {}

  /**
   * So many alerts will not be sent to it.
   *
   * @param reason the bound that was reached
   * @param begins whether that has just begun, so that it is news
   */
  record Dropped(String address, int alerts, String reason, boolean begins) implements Delivery {}
}
