package io.leakwatch.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.leakwatch.text.ForeignText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * Logs to standard error: with the journal's priority prefix ({@code sd-daemon(3)}) when systemd
 * collects it, plain with the time of day otherwise. Set up in code, because logback's XML route
 * costs a parser and prints its own complaints to standard output.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean journal = System.getenv("JOURNAL_STREAM") != null;
    Lines layout = new Lines(journal);
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setLayout(layout);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender);
    // Two commands at once clear up the same file of an older one; what matters it throws.
    context.getLogger("org.sqlite.SQLiteJDBCLoader").setLevel(Level.OFF);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static final class Lines extends LayoutBase<ILoggingEvent> {
    private static final int LINE_CHARACTERS_MAX = 8192;
    private static final DateTimeFormatter TIME =
        DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());
    private final boolean journal;

    Lines(boolean journal) {
      this.journal = journal;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
      StringBuilder line = new StringBuilder(160);
      if (journal) {
        line.append('<').append(priority(event.getLevel())).append('>');
      } else {
        line.append(TIME.format(Instant.ofEpochMilli(event.getTimeStamp())))
            .append(' ')
            .append(String.format("%-5s", event.getLevel()))
            .append(' ');
      }
      line.append(harmless(event.getFormattedMessage())).append('\n');
      if (event.getThrowableProxy() != null) {
        ThrowableProxyUtil.asString(event.getThrowableProxy())
            .lines()
            .forEach(one -> line.append(harmless(one.replace("\t", "  "))).append('\n'));
      }
      return line.toString();
    }

    /** A watched process can put line breaks into its name; it must not forge log lines. */
    private static String harmless(String line) {
      return ForeignText.harmless(line, LINE_CHARACTERS_MAX);
    }

    private static int priority(Level level) {
      return switch (level.levelInt) {
        case Level.ERROR_INT -> 3;
        case Level.WARN_INT -> 4;
        case Level.INFO_INT -> 6;
        default -> 7;
      };
    }
  }
}
