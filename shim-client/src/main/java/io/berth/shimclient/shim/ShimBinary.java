package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.ProcessTimeout;
import io.berth.linux.Processes;
import io.berth.shim.bootstrap.BootstrapParams;
import io.berth.shim.bootstrap.Extension;
import io.berth.shim.v3.DeleteResponse;
import io.berth.shimclient.bootstrap.BootstrapForm;
import io.berth.shimclient.bootstrap.BootstrapForms;
import io.berth.shimclient.process.ShimProcesses;
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
    private final BootstrapForms forms;

    ShimBinary(Processes processes, ShimSettings settings) {
        this.processes = processes;
        this.settings = settings;
        this.forms = new BootstrapForms(processes);
    }

    /**
     * Starts the shim in the form that its program speaks; returns its answer as it came. A program
     * that was told its options alone but answers in the form of containerd 2.3 took them for
     * something else: it is remembered as such, and the caller ends what it left and tries again.
     *
     * @throws Misunderstood in that case
     */
    byte[] start(ShimRequest request) throws Misunderstood {
        BootstrapForm form;
        try {
            form = forms.of(request.shimBinary(), environment(request));
        } catch (IOException e) {
            throw unusable(request, "start", e);
        }
        var stdin =
                switch (form) {
                    case OPTIONS -> request.options().toByteArray();
                    case PARAMS -> params(request).toByteArray();
                };
        var done = run(request, "start", List.of(), stdin, settings.timeouts().start());
        if (done.exitCode() != 0) {
            throw failed(request, "start", done);
        }
        if (form == BootstrapForm.OPTIONS
                && stdin.length > 0
                && Bootstrap.isBinary(done.stdout())) {
            forms.learned(request.shimBinary(), BootstrapForm.PARAMS);
            throw new Misunderstood(done.stdout());
        }
        return done.stdout();
    }

    /** A shim started in a form that it does not speak, which runs for a pod that is not ours. */
    static final class Misunderstood extends IOException {
        private static final long serialVersionUID = 1;
        private final transient byte[] answer;

        private Misunderstood(byte[] answer) {
            super("its options were taken for BootstrapParams");
            this.answer = answer;
        }

        byte[] answer() {
            return answer;
        }
    }

    /** To be called after a start that failed: the program is looked at again at the next one. */
    void startFailed(ShimRequest request) {
        forms.forget(request.shimBinary());
    }

    private BootstrapParams params(ShimRequest request) {
        var params =
                BootstrapParams.newBuilder()
                        .setInstanceId(request.id())
                        .setNamespace(settings.namespace())
                        .setContainerdTtrpcAddress(settings.eventSocket().toString())
                        .setContainerdGrpcAddress(settings.grpcSocket().toString())
                        .setContainerdBinary(settings.publishBinary().toString());
        if (!request.options().getTypeUrl().isEmpty()) {
            params.addExtensions(Extension.newBuilder().setValue(request.options()));
        }
        return params.build();
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
                        request.options().toByteArray(),
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
            ShimRequest request,
            String action,
            List<String> arguments,
            byte[] stdin,
            Duration timeout) {
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
                            stdin,
                            timeout,
                            MAX_OUTPUT_BYTES));
        } catch (ProcessTimeout e) {
            throw new ShimException.TimedOut(
                    "shim %s: %s: %s".formatted(request.id(), action, e.getMessage()), e);
        } catch (IOException e) {
            throw unusable(request, action, e);
        }
    }

    private static ShimException unusable(ShimRequest request, String action, IOException e) {
        return new ShimException.Failed(
                "shim %s: %s %s: %s"
                        .formatted(request.id(), request.shimBinary(), action, e.getMessage()),
                e);
    }

    private Map<String, String> environment(ShimRequest request) {
        var environment = new HashMap<String, String>();
        environment.put("PATH", PATH);
        environment.put("MAX_SHIM_VERSION", MAX_SHIM_VERSION);
        environment.put("NAMESPACE", settings.namespace());
        environment.put("GRPC_ADDRESS", settings.grpcSocket().toString());
        environment.putAll(request.environment());
        environment.put("TTRPC_ADDRESS", settings.eventSocket().toString());
        environment.put(ShimProcesses.MARK, request.bundle().toString());
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
