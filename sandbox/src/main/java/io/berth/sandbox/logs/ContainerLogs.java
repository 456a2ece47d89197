package io.berth.sandbox.logs;

import io.berth.linux.HostFiles;
import io.berth.linux.step.Steps;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.shimclient.shim.TaskIo;
import io.berth.shimclient.writer.LogStreams;
import io.berth.shimclient.writer.LogTap;
import io.berth.shimclient.writer.LogTarget;
import io.berth.shimclient.writer.LogWriter;
import io.berth.shimclient.writer.LogWriterException;
import io.berth.shimclient.writer.LogWriterRequest;
import io.berth.shimclient.writer.LogWriters;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.ObjIntConsumer;

/** Each container's log and its writer. */
public final class ContainerLogs {
    private static final Logger LOG = System.getLogger(ContainerLogs.class.getName());

    /** How long a writer that was killed may take to be replaced. */
    private static final Duration REPLACED = Duration.ofSeconds(5);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final LogWriters writers;
    private final ObjIntConsumer<Path> started;
    private final HostFiles files;
    private final SandboxSettings settings;
    private final SandboxPaths paths;
    private final Optional<LogKeeper> keeper;

    /**
     * The logs of a node that does not replace killed writers.
     *
     * @param started hears the control socket and the pid of each writer that is launched
     */
    public ContainerLogs(
            LogWriters writers,
            ObjIntConsumer<Path> started,
            HostFiles files,
            SandboxSettings settings,
            SandboxPaths paths) {
        this(writers, started, files, settings, paths, Optional.empty());
    }

    /**
     * @param started hears the control socket and the pid of each writer that is launched
     * @param keeper has killed writers replaced, if there is one
     */
    public ContainerLogs(
            LogWriters writers,
            ObjIntConsumer<Path> started,
            HostFiles files,
            SandboxSettings settings,
            SandboxPaths paths,
            Optional<LogKeeper> keeper) {
        this.writers = writers;
        this.started = started;
        this.files = files;
        this.settings = settings;
        this.paths = paths;
        this.keeper = keeper;
    }

    /**
     * Launches the reader of the container's FIFOs, so that the container's first byte finds it,
     * and makes the FIFO of its stdin if it is to have one. Output of a container without a log
     * path is read and dropped.
     */
    public TaskIo open(Container container) throws IOException {
        var control = paths.control(container.id());
        Steps.run("log-writer.start", control.toString(), () -> launch(container, false));
        var tty = container.brief().getTty();
        var stdout = paths.stdout(container.id());
        var stderr = paths.stderr(container.id());
        var stdin = "";
        if (container.brief().getStdin()) {
            var fifo = paths.stdin(container.id());
            Steps.run("container.stdin.create", fifo.toString(), () -> files.mkfifo(fifo, 0600));
            stdin = fifo.toString();
        }
        return new TaskIo(stdin, stdout.toString(), tty ? "" : stderr.toString(), tty);
    }

    private void launch(Container container, boolean afterLoss) throws IOException {
        var control = paths.control(container.id());
        var stdout = paths.stdout(container.id());
        var writer =
                writers.launch(
                        new LogWriterRequest(
                                container.brief().getTty()
                                        ? new LogStreams.Terminal(stdout)
                                        : new LogStreams.Separate(
                                                stdout, paths.stderr(container.id())),
                                target(container),
                                control,
                                settings.maxLogLine(),
                                afterLoss));
        started.accept(control, writer.pid());
    }

    /**
     * Has the writer of a container that runs, or is being started, replaced whenever it is killed.
     * It stands in the ledger until the container goes. Returns at once.
     *
     * @param runs false as long as the container has no process, and so no end of its output
     */
    public void keep(Container container, BooleanSupplier runs) {
        var control = paths.control(container.id());
        keeper.ifPresent(
                each ->
                        each.keep(
                                container.id(),
                                control,
                                () ->
                                        Steps.run(
                                                "log-writer.replace",
                                                control.toString(),
                                                () -> launch(container, runs.getAsBoolean()))));
    }

    /** How many killed writers were replaced since this daemon's start. */
    public long replaced() {
        return keeper.map(LogKeeper::replaced).orElse(0L);
    }

    /**
     * The container's writer, once one lives again where it was killed.
     *
     * @throws LogWriterException.Lost if it is not replaced in time
     */
    private LogWriter writer(Container container) {
        var control = paths.control(container.id());
        long until = System.nanoTime() + REPLACED.toNanos();
        while (true) {
            try {
                return LogWriters.connect(control);
            } catch (LogWriterException.Lost killed) {
                if (keeper.isEmpty()
                        || System.nanoTime() > until
                        || Thread.currentThread().isInterrupted()) {
                    throw killed;
                }
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            }
        }
    }

    private LogTarget target(Container container) throws IOException {
        if (container.logPath().isEmpty()) {
            return new LogTarget.Discard();
        }
        var log = Path.of(container.logPath());
        var folder = log.getParent();
        if (folder != null) {
            files.createDirectories(folder, 0755);
        }
        return new LogTarget.LogFile(log);
    }

    /** A live copy of a running container's output; of its next writer if one was killed. */
    public LogTap tap(Container container) {
        return writer(container).tap();
    }

    /** Makes the writer open the log's path anew. */
    public void reopen(Container container) throws IOException {
        var control = paths.control(container.id());
        Steps.run("log-writer.reopen", control.toString(), () -> writer(container).reopen());
    }

    /** Waits, within the configured time, until the ended container's last byte is in its log. */
    public void drain(Container container) {
        try {
            try {
                writer(container).waitDrained(settings.timeouts().drain());
            } catch (LogWriterException.Lost killed) {
                writer(container).waitDrained(settings.timeouts().drain()); // of the next one
            }
        } catch (LogWriterException.Ended complete) {
            return;
        } catch (LogWriterException.TimedOut open) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} log still open {1} after its end: another process holds its"
                            + " output",
                    container.id(),
                    settings.timeouts().drain());
        } catch (LogWriterException failure) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} log may lack its end: {1}",
                    container.id(),
                    failure.getMessage());
        }
    }

    /** Ends the writer of a container whose process never ran. */
    public void close(Container container) throws IOException {
        var control = paths.control(container.id());
        Steps.run(
                "log-writer.remove",
                control.toString(),
                () -> {
                    try {
                        LogWriters.connect(control).stop();
                    } catch (LogWriterException.Ended never) {
                        LOG.log(Logger.Level.DEBUG, "{0}: {1}", control, never.getMessage());
                    }
                });
    }
}
