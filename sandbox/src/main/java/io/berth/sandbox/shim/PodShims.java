package io.berth.sandbox.shim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.protobuf.Any;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.runtime.RuntimeBinary;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.settings.SandboxSettings.RuntimeHandler;
import io.berth.sandbox.settings.ShimType;
import io.berth.shimclient.shim.GenericOptions;
import io.berth.shimclient.shim.RuncOptions;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.ShimRequest;
import io.berth.shimclient.shim.Shims;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The shim of each pod, by the pod's id. */
public final class PodShims {
    private static final Logger LOG = System.getLogger(PodShims.class.getName());

    private static final StreamOwner ROOT = new StreamOwner(0, 0);

    private final Shims shims;
    private final SandboxSettings settings;
    private final SandboxPaths paths;
    private final RuntimeTasks runtimes;
    private final RestorePrograms restores;
    private final Map<SandboxId, Shim> live = new ConcurrentHashMap<>();

    /** As whom of the host a process may open its own streams once more. */
    public record StreamOwner(int uid, int gid) {}

    public PodShims(
            Shims shims, SandboxSettings settings, SandboxPaths paths, RuntimeTasks runtimes) {
        this.shims = shims;
        this.settings = settings;
        this.paths = paths;
        this.runtimes = runtimes;
        this.restores = new RestorePrograms(paths, settings.timeouts().kill());
    }

    /** Starts the pod's shim in its bundle. */
    public Shim start(SandboxId id, String handler) {
        return connected(id, shims.start(request(id, id.value(), handler)));
    }

    /** Connects to the shim of a pod that an earlier daemon started. */
    public Shim adopt(SandboxId id) {
        return connected(id, shims.adopt(paths.bundle(id), settings.timeouts().adopt()));
    }

    /** The connection to a dead shim is ended; another's live one may be in use. */
    private Shim connected(SandboxId id, Shim shim) {
        var replaced = live.put(id, shim);
        if (replaced != null && !replaced.isAlive()) {
            replaced.close();
        }
        return shim;
    }

    /** The pod's shim, if there is a connection to it and its process lives. */
    public Optional<Shim> find(SandboxId id) {
        return Optional.ofNullable(live.get(id)).filter(Shim::isAlive);
    }

    /** The pod's shim, connecting to it if need be; empty if there is none any more. */
    public Optional<Shim> reach(SandboxId id) {
        var known = find(id);
        if (known.isPresent()) {
            return known;
        }
        try {
            return Optional.of(adopt(id));
        } catch (ShimException.NotFound | ShimException.ShimLost gone) {
            return Optional.empty();
        }
    }

    /** The pod's shim, which must be there. */
    public Shim require(SandboxId id) {
        var found = find(id);
        if (found.isEmpty()) {
            shims.requireOpen(id.value()); // its adoption may have been cut
            throw new SandboxException.WrongState(
                    runs(id)
                            ? "sandbox %s: its shim runs but does not answer; the pod can be used when it does"
                                    .formatted(id)
                            : "sandbox %s: its shim is gone; stop and remove the pod"
                                    .formatted(id));
        }
        return found.get();
    }

    private boolean runs(SandboxId id) {
        try {
            return !shims.pidsOf(paths.bundle(id)).isEmpty();
        } catch (IOException unread) {
            LOG.log(Logger.Level.DEBUG, "sandbox={0} {1}", id, unread.getMessage());
            return false;
        }
    }

    /** Drops the connection to a pod's shim, if there is one. */
    public void forget(SandboxId id) {
        var shim = live.remove(id);
        if (shim != null) {
            shim.close();
        }
    }

    /** Whether a handler's pods are processes of this host, run by runc or what is like it. */
    public boolean isRunc(String handlerName) {
        return settings.handler(handlerName)
                .filter(handler -> ShimType.of(handler.shim()).isRunc())
                .isPresent();
    }

    /** The same, or it is not known: the handler is no longer configured. */
    boolean mayBeRunc(String handlerName) {
        return isRunc(handlerName) || settings.handler(handlerName).isEmpty();
    }

    /** The OCI runtime of a handler, for messages. */
    String runtime(String handlerName) {
        return settings.handler(handlerName)
                .flatMap(RuntimeHandler::binary)
                .map(Path::toString)
                .orElse("runc");
    }

    /** Whether an OCI runtime still keeps state of a task, which its shim may have forgotten. */
    boolean knownToRuntime(String handlerName, String taskId) {
        return runtimes.knows(handlerName, taskId);
    }

    /**
     * Ends programs that restore a task and may hang; returns whether there were any.
     *
     * @throws IOException naming a process that outlives it
     */
    boolean endRestore(String taskId) throws IOException {
        return restores.kill(taskId);
    }

    /**
     * Removes the folders in which OCI runtimes keep state of a task that has no process any more.
     */
    void forgetRuntimeState(String handlerName, String taskId) throws IOException {
        runtimes.forget(handlerName, taskId);
    }

    /**
     * Cleans up after a task whose shim is dead or does not know it, by the shim's own {@code
     * delete} and, if that leaves state of it, by the OCI runtime's; for a sandbox's own task a
     * shim that hangs is killed first.
     *
     * @throws IOException if the OCI runtime keeps the task
     */
    public void forceDelete(SandboxId sandbox, String taskId, String handler) throws IOException {
        var binary = settings.handler(handler).map(RuntimeHandler::shim);
        runtimes.removeHalfWritten(taskId);
        if (binary.filter(Files::isExecutable).isPresent()) {
            var _ = shims.forceDelete(request(sandbox, taskId, handler));
        } else {
            // Without it nothing was started, or its cgroup and its mounts are ended by theirs.
            LOG.log(
                    Logger.Level.WARNING,
                    "task={0} cleaned up without the shim''s help: {1}",
                    taskId,
                    binary.map(file -> file + " is no executable file")
                            .orElse("runtime handler '" + handler + "' is not configured"));
            shims.end(taskId, paths.bundle(sandbox).resolveSibling(taskId));
        }
        runtimes.delete(handler, taskId);
    }

    /** The same with a task that goes on from a checkpoint, and where CRIU leaves its log. */
    public Any restoring(String handlerName, Path criuLogs) {
        return runc(handler(handlerName)).restoring(criuLogs);
    }

    /** What a handler's shim is told when it starts, and with the pod's own task. */
    public Any options(String handlerName) {
        return options(handlerName, ROOT);
    }

    /** What it is told with a task whose streams have an owner. */
    public Any options(String handlerName, StreamOwner owner) {
        var handler = handler(handlerName);
        return ShimType.of(handler.shim()).isRunc()
                ? runc(handler).ownedBy(owner.uid(), owner.gid()).toAny()
                : handler.options()
                        .shim()
                        .map(it -> new GenericOptions(it.typeUrl(), it.configPath(), it.body()))
                        .map(GenericOptions::toAny)
                        .orElseGet(Any::getDefaultInstance);
    }

    private RuncOptions runc(RuntimeHandler handler) {
        return new RuncOptions(
                handler.binary().map(Path::toString).orElse(""),
                runtimeRoot(handler).toString(),
                handler.systemdCgroup(),
                handler.options().noPivotRoot(),
                handler.options().noNewKeyring(),
                handler.options().shimCgroup().orElse(""),
                ROOT.uid(),
                ROOT.gid());
    }

    private Path runtimeRoot(RuntimeHandler handler) {
        return handler.options().root().orElse(paths.runcRoot());
    }

    private ShimRequest request(SandboxId sandbox, String taskId, String handlerName) {
        var pod = paths.bundle(sandbox);
        Path bundle = pod.resolveSibling(taskId);
        return new ShimRequest(
                taskId,
                bundle,
                handler(handlerName).shim(),
                options(handlerName),
                Map.of("PATH", searched()));
    }

    /** The PATH of shims and of what they run. */
    private String searched() {
        return paths.criuFolder() + ":" + RuntimeBinary.PATH;
    }

    /**
     * Returns if processes that a shim restores are checked before they run: it finds the program
     * that does so as criu.
     *
     * @throws SandboxException.WrongState if an earlier version of berth started it
     */
    public void requireChecks(SandboxId id, Shim shim) throws IOException {
        var environment =
                Files.readString(Path.of("/proc/" + shim.shimPid() + "/environ"), ISO_8859_1);
        if (!environment.startsWith("PATH=" + paths.criuFolder() + ":")
                && !environment.contains("\0PATH=" + paths.criuFolder() + ":")) {
            throw new SandboxException.WrongState(
                    ("sandbox %s: found a shim that an earlier version of berth started, which does"
                                    + " not check restored processes; restore the container in a"
                                    + " new pod")
                            .formatted(id));
        }
    }

    private RuntimeHandler handler(String name) {
        return settings.handler(name)
                .orElseThrow(
                        () ->
                                new SandboxException.WrongState(
                                        ("runtime handler '%s': no longer configured; put it back"
                                                        + " to operate pods that use it")
                                                .formatted(name)));
    }
}
