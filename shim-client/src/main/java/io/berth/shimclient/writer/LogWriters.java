package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Launches log writers and finds running ones. */
public final class LogWriters {
    private static final Pattern READY = Pattern.compile("\\{\"pid\":(\\d{1,9})}\n");
    private static final int OUTPUT_LIMIT = 4096;

    private final NativeProgram program;
    private final Processes processes;
    private final Duration timeout;

    /**
     * @param timeout how long a launch may take
     */
    public LogWriters(NativeProgram program, Processes processes, Duration timeout) {
        this.program = program;
        this.processes = processes;
        this.timeout = timeout;
    }

    /**
     * Starts a writer as a process of its own that outlives this one. When it returns the FIFOs
     * have a reader, the log file exists and the control socket answers. Needs an open step.
     *
     * @throws LogWriterException.LaunchFailed with the program's reason; what it made is gone
     */
    public LogWriter launch(LogWriterRequest request) {
        var command = new ArrayList<>(List.of(program.path().toString(), "log"));
        command.addAll(request.streams().arguments());
        command.addAll(request.target().arguments());
        command.addAll(List.of("--control", request.control().toString()));
        command.addAll(List.of("--max-line", Integer.toString(request.maxLineBytes())));
        if (request.afterLoss()) {
            command.add("--after-loss");
        }
        Processes.Completed completed;
        try {
            completed =
                    processes.run(
                            new Processes.Launch(
                                    command,
                                    Path.of("/"),
                                    Map.of(),
                                    new byte[0],
                                    timeout,
                                    OUTPUT_LIMIT));
        } catch (IOException failure) {
            throw new LogWriterException.LaunchFailed(
                    "log writer %s: %s".formatted(request.control(), failure.getMessage()),
                    failure);
        }
        Matcher ready = READY.matcher(new String(completed.stdout(), UTF_8));
        if (completed.exitCode() != 0 || !ready.matches()) {
            throw new LogWriterException.LaunchFailed(
                    "log writer %s: exit code %d: %s"
                            .formatted(
                                    request.control(),
                                    completed.exitCode(),
                                    completed.stderrText()));
        }
        return handle(Integer.parseInt(ready.group(1)), request.control());
    }

    /**
     * The writer that answers on a control socket, whoever launched it.
     *
     * @throws LogWriterException.Ended when it has completed its log
     * @throws LogWriterException.Lost when it was killed
     */
    public static LogWriter connect(Path control) {
        var answer = LogWriter.ask(control, "ping", LogWriter.ANSWER);
        return handle(Integer.parseInt(answer.getOrDefault("pid", "")), control);
    }

    /** A writer that ended in this very moment has start time 0; its calls say that it ended. */
    private static LogWriter handle(int pid, Path control) {
        return new LogWriter(pid, Processes.startTime(pid).orElse(0), control);
    }
}
