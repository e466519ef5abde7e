package io.leakwatch.sample;

/**
 * A change together with the instance that it was seen at.
 *
 * @param process the configured instance name
 * @param state what the next reading is compared with; it tells one state from another and need not
 *     mean anything to a person
 */
public record ObservedChange(String process, Change change, String state) {
  /** Longer states are cut, so that one process cannot fill the file. */
  public static final int STATE_CHARS_MAX = 4096;

  public ObservedChange {
    state = state.length() > STATE_CHARS_MAX ? state.substring(0, STATE_CHARS_MAX) : state;
  }
}
