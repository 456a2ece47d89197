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
import io.berth.shimclient.writer.LogWriterException;
import io.berth.shimclient.writer.LogWriterRequest;
import io.berth.shimclient.writer.LogWriters;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.util.function.ObjIntConsumer;

/** Each container's log and its writer. */
public final class ContainerLogs {
    private static final Logger LOG = System.getLogger(ContainerLogs.class.getName());

    private final LogWriters writers;
    private final ObjIntConsumer<Path> started;
    private final HostFiles files;
    private final SandboxSettings settings;
    private final SandboxPaths paths;

    /**
     * @param started hears the control socket and the pid of each writer that is launched
     */
    public ContainerLogs(
            LogWriters writers,
            ObjIntConsumer<Path> started,
            HostFiles files,
            SandboxSettings settings,
            SandboxPaths paths) {
        this.writers = writers;
        this.started = started;
        this.files = files;
        this.settings = settings;
        this.paths = paths;
    }

    /**
     * Launches the reader of the container's FIFOs, so that the container's first byte finds it,
     * and makes the FIFO of its stdin if it is to have one. Output of a container without a log
     * path is read and dropped.
     */
    public TaskIo open(Container container) throws IOException {
        var control = paths.control(container.id());
        var tty = container.brief().getTty();
        var stdout = paths.stdout(container.id());
        var stderr = paths.stderr(container.id());
        Steps.run(
                "log-writer.start",
                control.toString(),
                () -> {
                    var writer =
                            writers.launch(
                                    new LogWriterRequest(
                                            tty
                                                    ? new LogStreams.Terminal(stdout)
                                                    : new LogStreams.Separate(stdout, stderr),
                                            target(container),
                                            control,
                                            settings.maxLogLine()));
                    started.accept(control, writer.pid());
                });
        var stdin = "";
        if (container.brief().getStdin()) {
            var fifo = paths.stdin(container.id());
            Steps.run("container.stdin.create", fifo.toString(), () -> files.mkfifo(fifo, 0600));
            stdin = fifo.toString();
        }
        return new TaskIo(stdin, stdout.toString(), tty ? "" : stderr.toString(), tty);
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

    /** A live copy of a running container's output. */
    public LogTap tap(Container container) {
        return LogWriters.connect(paths.control(container.id())).tap();
    }

    /** Makes the writer open the log's path anew. */
    public void reopen(Container container) throws IOException {
        var control = paths.control(container.id());
        Steps.run(
                "log-writer.reopen",
                control.toString(),
                () -> LogWriters.connect(control).reopen());
    }

    /** Waits, within the configured time, until the ended container's last byte is in its log. */
    public void drain(Container container) {
        try {
            LogWriters.connect(paths.control(container.id()))
                    .waitDrained(settings.timeouts().drain());
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
