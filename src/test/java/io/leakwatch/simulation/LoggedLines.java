package io.leakwatch.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/** Counts the warnings and errors that the threads of one simulated month log. */
final class LoggedLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final ThreadGroup group = Thread.currentThread().getThreadGroup();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final AtomicLong lines = new AtomicLong();
  private volatile String last = "";

  LoggedLines() {
    setContext(root.getLoggerContext());
    start();
    root.addAppender(this);
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (Thread.currentThread().getThreadGroup() == group
        && event.getLevel().isGreaterOrEqual(Level.WARN)) {
      lines.incrementAndGet();
      last = event.getFormattedMessage();
    }
  }

  /** Lines since this was made. */
  long count() {
    return lines.get();
  }

  /** The newest of them. */
  String last() {
    return last;
  }

  @Override
  public void close() {
    root.detachAppender(this);
    stop();
  }
}
