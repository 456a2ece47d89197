package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.ProcessTimeout;
import io.berth.linux.Processes;
import io.berth.shim.v3.DeleteResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the shim's program for the two calls that are made by command line: start and delete. */
final class ShimBinary {
    private static final int MAX_OUTPUT_BYTES = 64 << 10;
    private static final int MAX_QUOTED_CHARS = 2000;
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** Older shims answer with the address of the Task v2 service unless they see at least this. */
    private static final String MAX_SHIM_VERSION = "3";

    private final Processes processes;
    private final ShimSettings settings;

    ShimBinary(Processes processes, ShimSettings settings) {
        this.processes = processes;
        this.settings = settings;
    }

    /** Starts the shim; where it says that it listens. */
    Bootstrap start(ShimRequest request) {
        var done = run(request, "start", List.of(), settings.timeouts().start());
        if (done.exitCode() != 0) {
            throw failed(request, "start", done);
        }
        return Bootstrap.parse(request.id(), done.stdoutText());
    }

    /**
     * Removes what a dead shim left of a task; repeats well. Empty if the task was never created.
     */
    Optional<DeletedTask> delete(ShimRequest request) {
        var bundle = request.bundle().toString();
        var done =
                run(
                        request,
                        "delete",
                        List.of("-bundle", bundle),
                        settings.timeouts().forceDelete());
        if (done.exitCode() == 0) {
            try {
                return Optional.of(TaskShim.deleted(DeleteResponse.parseFrom(done.stdout())));
            } catch (IOException e) {
                throw failed(request, "delete", done);
            }
        }
        // the 1.6 shim wants the file that its create writes
        if (done.stderrText().contains(bundle + "/runtime: no such file or directory")) {
            return Optional.empty();
        }
        throw failed(request, "delete", done);
    }

    private Processes.Completed run(
            ShimRequest request, String action, List<String> arguments, Duration timeout) {
        var command = new ArrayList<String>();
        command.add(request.shimBinary().toString());
        command.addAll(List.of("-namespace", settings.namespace(), "-id", request.id()));
        command.addAll(List.of("-address", settings.grpcSocket().toString()));
        command.addAll(List.of("-publish-binary", settings.publishBinary().toString()));
        command.addAll(arguments);
        command.add(action);
        try {
            return processes.run(
                    new Processes.Launch(
                            command,
                            request.bundle(),
                            environment(request),
                            request.options().toByteArray(),
                            timeout,
                            MAX_OUTPUT_BYTES));
        } catch (ProcessTimeout e) {
            throw new ShimException.TimedOut(
                    "shim %s: %s: %s".formatted(request.id(), action, e.getMessage()), e);
        } catch (IOException e) {
            throw new ShimException.Failed(
                    "shim %s: %s %s: %s"
                            .formatted(request.id(), request.shimBinary(), action, e.getMessage()),
                    e);
        }
    }

    private Map<String, String> environment(ShimRequest request) {
        var environment = new HashMap<String, String>();
        environment.put("PATH", PATH);
        environment.put("MAX_SHIM_VERSION", MAX_SHIM_VERSION);
        environment.put("NAMESPACE", settings.namespace());
        environment.put("GRPC_ADDRESS", settings.grpcSocket().toString());
        environment.putAll(request.environment());
        environment.put("TTRPC_ADDRESS", settings.eventSocket().toString());
        return environment;
    }

    private static ShimException failed(
            ShimRequest request, String action, Processes.Completed done) {
        var words = done.stderrText() + " " + new String(done.stdout(), UTF_8).strip();
        return new ShimException.Failed(
                "shim %s: %s %s answered %d: %s"
                        .formatted(
                                request.id(),
                                request.shimBinary(),
                                action,
                                done.exitCode(),
                                words.substring(Math.max(0, words.length() - MAX_QUOTED_CHARS))),
                null);
    }
}
