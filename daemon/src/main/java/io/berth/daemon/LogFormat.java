package io.berth.daemon;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One line an event on stderr: time, level, logger's short name, message; then a stack if any. */
final class LogFormat extends Formatter {
    /** Environment variable that sets how much is said: ERROR, WARNING, INFO (default), DEBUG. */
    private static final String LEVEL = "BERTH_LOG";

    private LogFormat() {}

    /** Makes the whole process log this way. */
    static void install() {
        var root = Logger.getLogger("");
        for (var handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        var handler = new ConsoleHandler();
        handler.setFormatter(new LogFormat());
        handler.setLevel(Level.ALL);
        root.addHandler(handler);
        root.setLevel(Level.WARNING);
        Logger.getLogger("io.berth").setLevel(level(System.getenv(LEVEL)));
    }

    private static Level level(@Nullable String word) {
        return switch (word) {
            case "ERROR" -> Level.SEVERE;
            case "WARNING" -> Level.WARNING;
            case "DEBUG" -> Level.FINE;
            case null, default -> Level.INFO;
        };
    }

    @Override
    public String format(LogRecord event) {
        var name = String.valueOf(event.getLoggerName());
        var line =
                "%s %s %s: %s%n"
                        .formatted(
                                event.getInstant().truncatedTo(ChronoUnit.MILLIS),
                                word(event.getLevel()),
                                name.substring(name.lastIndexOf('.') + 1),
                                formatMessage(event));
        if (event.getThrown() == null) {
            return line;
        }
        var stack = new StringWriter();
        event.getThrown().printStackTrace(new PrintWriter(stack, true));
        return line + stack;
    }

    private static String word(Level level) {
        if (level.equals(Level.SEVERE)) {
            return "ERROR";
        }
        if (level.equals(Level.FINE)) {
            return "DEBUG";
        }
        return level.getName();
    }
}
