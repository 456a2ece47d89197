package io.berth.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a line of the daemon's log looks like. */
final class LogFormatTest {
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger OURS = Logger.getLogger("io.berth");

    private final Handler[] handlers = ROOT.getHandlers();

    @BeforeEach
    void install() {
        LogFormat.install();
    }

    @AfterEach
    void putBack() {
        for (var handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        for (var handler : handlers) {
            ROOT.addHandler(handler);
        }
        ROOT.setLevel(Level.INFO);
        OURS.setLevel(null);
    }

    @Test
    void aLineHasTimeLevelNameAndMessage() {
        var event = event(Level.INFO, "sandbox={0} ready");
        event.setParameters(new Object[] {"4f2a"});
        assertThat(formatter().format(event))
                .isEqualTo("2026-11-21T10:00:00.125Z INFO RunPodSandbox: sandbox=4f2a ready\n");
    }

    @Test
    void levelsHaveTheWordsOfSystemLogger() {
        assertThat(formatter().format(event(Level.SEVERE, "x"))).contains(" ERROR ");
        assertThat(formatter().format(event(Level.WARNING, "x"))).contains(" WARNING ");
        assertThat(formatter().format(event(Level.FINE, "x"))).contains(" DEBUG ");
    }

    @Test
    void aStackFollowsItsLine() {
        var event = event(Level.SEVERE, "method=Version");
        event.setThrown(new IllegalStateException("state: found none"));
        assertThat(formatter().format(event).lines())
                .startsWith(
                        "2026-11-21T10:00:00.125Z ERROR RunPodSandbox: method=Version",
                        "java.lang.IllegalStateException: state: found none");
    }

    @Test
    void librariesAreHeardFromWarningOnly() {
        assertThat(ROOT.getLevel()).isEqualTo(Level.WARNING);
        assertThat(OURS.getLevel()).isEqualTo(Level.INFO);
        assertThat(ROOT.getHandlers()).hasSize(1);
    }

    private static Formatter formatter() {
        return ROOT.getHandlers()[0].getFormatter();
    }

    private static LogRecord event(Level level, String message) {
        var event = new LogRecord(level, message);
        event.setLoggerName("io.berth.sandbox.operation.RunPodSandbox");
        event.setInstant(Instant.parse("2026-11-21T10:00:00.125987Z"));
        return event;
    }
}
