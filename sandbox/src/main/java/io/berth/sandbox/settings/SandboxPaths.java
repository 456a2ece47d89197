package io.berth.sandbox.settings;

import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.sandbox.SandboxId;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the files of pods and containers lie. No other class builds such a path.
 *
 * <pre>
 * ROOT/sandboxes/ID/      resolv.conf, hostname, hosts
 * ROOT/sandboxes/checkpoint-ID/  a container's checkpoint while it is put together
 * ROOT/sandboxes/restore-ID/     what a container's process goes on from, until it has
 * ROOT/volumes/ID/N/      the N-th volume that a container's image declares
 * STATE/bundles/ID/       config.json, rootfs, what the shim keeps
 * STATE/shm/ID/shm        the pod's /dev/shm, a mount
 * STATE/volumes/ID/N/     the image that is the container's N-th mount, a mount
 * STATE/volumes/ID/l/M/   the M-th layer of its root in a user namespace, a mount; lN/ of its N-th mount
 * STATE/volumes/ID/root/  the container's image for a moment, where it has to be mounted to be read
 * STATE/netns/ID          the pin of a pod's network namespace
 * STATE/userns/ID         the pin of a pod's user namespace
 * STATE/io/ID/            FIFOs (stdin, stdout, stderr, exec ones) and control, the log writer's socket
 * STATE/runc/             the OCI runtime's own state
 * STATE/nri/              plugins of the node that the daemon starts
 * STATE/criu/criu         a link to the program that checks restored processes and runs CRIU
 * </pre>
 */
public final class SandboxPaths {
    private final Path root;
    private final Path state;

    public SandboxPaths(SandboxSettings settings) {
        this(settings.root(), settings.state());
    }

    public SandboxPaths(Path root, Path state) {
        this.root = root;
        this.state = state;
    }

    /**
     * The folders that hold one folder a pod or container, to be made once at start. Everybody may
     * pass through them, as the runtime of a pod with a user namespace has to; through what is in
     * them only its owner may.
     */
    public List<Path> parents() {
        return List.of(
                sandboxFolder(),
                bundles(),
                shmFolder(),
                volumeFolder(),
                declaredFolder(),
                ioFolder());
    }

    /** The folders that hold other things of pods or containers, and that are root's alone. */
    public List<Path> closedParents() {
        return List.of(netnsFolder(), usernsFolder(), runcRoot(), plugins(), criuFolder());
    }

    /** The first folder of the PATH of shims, with what OCI runtimes find as criu. */
    public Path criuFolder() {
        return state.resolve("criu");
    }

    /** Where plugins of the node are given their connection. */
    public Path plugins() {
        return state.resolve("nri");
    }

    public Path sandboxFolder() {
        return root.resolve("sandboxes");
    }

    public Path shmFolder() {
        return state.resolve("shm");
    }

    public Path volumeFolder() {
        return state.resolve("volumes");
    }

    /** What berth mounts for a pod's or a container's task. */
    public Path volumes(String taskId) {
        return volumeFolder().resolve(taskId);
    }

    /** Where a container's image is mounted for as long as it takes to open its root. */
    public Path imageRoot(ContainerId id) {
        return volumes(id.value()).resolve("root");
    }

    /** Where a task's layers are mounted by their number, with owners as its pod maps them. */
    public Path layers(String taskId) {
        return volumes(taskId).resolve("l");
    }

    /** Where the layers of an image that is a container's mount are mounted in the same way. */
    public Path volumeLayers(ContainerId id, int mount) {
        return volumes(id.value()).resolve("l" + mount);
    }

    /** Where the network namespaces of pods are pinned. */
    public Path netnsFolder() {
        return state.resolve("netns");
    }

    public Path usernsFolder() {
        return state.resolve("userns");
    }

    /** Where a pod's user namespace is pinned. */
    public Path userns(SandboxId id) {
        return usernsFolder().resolve(id.value());
    }

    /** Where an image is mounted that is one of the container's mounts. */
    public Path volume(ContainerId id, int mount) {
        return volumes(id.value()).resolve(Integer.toString(mount));
    }

    public Path ioFolder() {
        return state.resolve("io");
    }

    public Path sandbox(SandboxId id) {
        return sandboxFolder().resolve(id.value());
    }

    /** Where a checkpoint of a container is put together. */
    public Path checkpoint(ContainerId id) {
        return sandboxFolder().resolve("checkpoint-" + id.value());
    }

    /** What a container's process goes on from, until it has: CRIU's images and its logs. */
    public Path restore(ContainerId id) {
        return sandboxFolder().resolve("restore-" + id.value());
    }

    /** CRIU's images of a container that goes on from them. */
    public Path restoreImages(ContainerId id) {
        return restore(id).resolve("checkpoint");
    }

    /** To where the archive of a container's checkpoint is unpacked while it is made. */
    public Path restoreArchive(ContainerId id) {
        return restore(id).resolve("archive");
    }

    public Path declaredFolder() {
        return root.resolve("volumes");
    }

    /** Where a container's volumes lie that its image declares. */
    public Path declaredVolumes(ContainerId id) {
        return declaredFolder().resolve(id.value());
    }

    public Path resolvConf(SandboxId id) {
        return sandbox(id).resolve("resolv.conf");
    }

    public Path hostname(SandboxId id) {
        return sandbox(id).resolve("hostname");
    }

    public Path hosts(SandboxId id) {
        return sandbox(id).resolve("hosts");
    }

    /** The folder in which a pod's /dev/shm is mounted. */
    public Path shm(SandboxId id) {
        return shmFolder().resolve(id.value());
    }

    public Path shmMount(SandboxId id) {
        return shm(id).resolve("shm");
    }

    public Path bundle(SandboxId id) {
        return bundle(id.value());
    }

    public Path bundle(ContainerId id) {
        return bundle(id.value());
    }

    private Path bundle(String id) {
        return bundles().resolve(id);
    }

    public Path bundles() {
        return state.resolve("bundles");
    }

    public Path io(ContainerId id) {
        return ioFolder().resolve(id.value());
    }

    public Path stdin(ContainerId id) {
        return io(id).resolve("stdin");
    }

    public Path stdout(ContainerId id) {
        return io(id).resolve("stdout");
    }

    public Path stderr(ContainerId id) {
        return io(id).resolve("stderr");
    }

    public Path control(ContainerId id) {
        return io(id).resolve("control");
    }

    /** Where the OCI runtime keeps a folder a task, once there is one. */
    public Path runcTasks() {
        return runcTasks(runcRoot());
    }

    /** The same where a handler has a root of its own. */
    public static Path runcTasks(Path root) {
        return root.resolve("k8s.io");
    }

    public Path runcRoot() {
        return state.resolve("runc");
    }
}
