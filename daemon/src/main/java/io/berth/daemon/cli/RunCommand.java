package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.run.PodRun;
import io.berth.daemon.cli.run.RunFolder;
import io.berth.daemon.cli.run.RunOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        description = {
            "Run a pod from a Kubernetes manifest, show its containers' logs, and remove everything"
                    + " at its end or on Ctrl-C.",
            "Fields that cannot be honoured are refused by name. Init containers run one after the"
                    + " other; containers are started again as restartPolicy says, with the"
                    + " kubelet's back-off, but only while this command runs.",
            "The exit code is the first of a container that is not 0."
        })
final class RunCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();

    @Parameters(paramLabel = "POD.yaml", description = "One Pod, as YAML or JSON.")
    private Path manifest = Path.of("");

    @Option(
            names = {"-d", "--detach"},
            description = "Leave the pod running once it is started; `berth rm -f` ends it.")
    private boolean detach;

    @Option(
            names = "--replace",
            description = "Stop and remove a detached pod of that name that runs already.")
    private boolean replace;

    @Option(
            names = "--log-dir",
            paramLabel = "DIR",
            description =
                    "Keep the logs in DIR/NAMESPACE_NAME_UID; otherwise they go with the pod.")
    private @Nullable Path logs;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Where emptyDir volumes are while the pod is there ("
                            + "${DEFAULT-VALUE}"
                            + ").")
    private Path data = RunFolder.DATA;

    RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var options = new RunOptions(manifest, detach, replace, Optional.ofNullable(logs), data);
        try (var client = node.connect()) {
            return new PodRun(client, console, options).run();
        }
    }
}
