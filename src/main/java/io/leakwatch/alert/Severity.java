package io.leakwatch.alert;

import java.util.Locale;

/** How severe an alert is. The ordinal is the value of {@code leakwatch_process_alert_severity}. */
public enum Severity {
  NONE,
  WARNING,
  CRITICAL;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  public String wireName() {
    return wireName;
  }
}
