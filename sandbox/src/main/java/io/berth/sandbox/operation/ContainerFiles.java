package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerConfig;
import io.berth.imageservice.image.Image;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedContainer;
import io.berth.sandbox.checkpoint.SavedProcess;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerUser;
import io.berth.sandbox.folder.PodShm;
import io.berth.sandbox.runtime.HandlerFeatures;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.security.SecurityHost;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.spec.AskedMounts;
import io.berth.sandbox.spec.ContainerHost;
import io.berth.sandbox.spec.ContainerSpec;
import io.berth.sandbox.spec.JoinedNamespaces;
import io.berth.sandbox.spec.MountHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a container's snapshot, the folder of its FIFOs, and its bundle. */
final class ContainerFiles {
    private final Node node;
    private final Bundles bundles;
    private final HandlerSpec handlerSpec;
    private final ContainerUsers users;
    private final MountSources sources;
    private final RestoredFiles restored;

    ContainerFiles(Node node, Bundles bundles, ContainerUsers users, MountSources sources) {
        this.node = node;
        this.bundles = bundles;
        this.handlerSpec = new HandlerSpec(node);
        this.users = users;
        this.sources = sources;
        this.restored = new RestoredFiles(node);
    }

    /**
     * Returns as whom the container will run.
     *
     * @param saved what it goes on from, if it does
     */
    ContainerUser make(
            PodSandbox sandbox, Container container, Image image, Optional<SavedContainer> saved)
            throws IOException {
        var id = container.id();
        Operations.stage("security");
        var security =
                node.security()
                        .ofContainer(
                                container.config(),
                                new SecurityHost.Pod(
                                        sandbox.id().value(), sandbox.config(), handler(sandbox)),
                                id.value());
        var features = features(sandbox, container.config());
        var target = TargetContainer.pid(node, container);
        var mounts = new MountHost(sources.of(sandbox, container), features);
        node.security()
                .relabel("container " + id, relabelled(container, mounts), security.mountLabel());
        bundles.prepareSnapshot(sandbox, id.value(), image);
        bundles.mapOwners(sandbox, id.value());
        var io = node.paths().io(id);
        Operations.step(
                "fifo.create",
                io.toString(),
                () -> {
                    node.files().createDirectories(io, 0700);
                    return true;
                });
        var user = users.resolve(container, image); // by the image's files, not by changed ones
        if (saved.isPresent()) {
            restored.rootfs(container, saved.get());
        }
        var declared =
                new DeclaredVolumes(node, users, restored).make(sandbox, container, image, saved);
        node.security()
                .relabel("container " + id, List.copyOf(declared.values()), security.mountLabel());
        var host =
                new ContainerHost(
                        new JoinedNamespaces(
                                pausePid(sandbox), target, PodUserns.pin(node, sandbox)),
                        user,
                        CgroupPlan.inSpec(node, sandbox, id.value()),
                        shm(sandbox),
                        node.paths().resolvConf(sandbox.id()),
                        node.paths().hostname(sandbox.id()),
                        node.paths().hosts(sandbox.id()),
                        mounts.with(declared),
                        node.limits());
        var spec = ContainerSpec.json(container, sandbox, image.config(), host, security);
        Operations.stage("nri.create-container");
        var wanted =
                node.nri()
                        .createContainer(
                                sandbox,
                                container,
                                handlerSpec.ofContainer(sandbox, container, spec));
        MovedCgroup.plan(node, sandbox, container, new MovedCgroup.Specs(spec, wanted));
        if (saved.isPresent()) {
            SavedProcess.requireSame(saved.get(), wanted, asksHostname(container.config()));
            restored.images(container, saved.get(), wanted);
        }
        bundles.create(sandbox, node.paths().bundle(id), wanted);
        return new ContainerUser(user.uid(), user.gid(), user.additionalGids());
    }

    /**
     * The request as the container's record keeps it.
     *
     * @throws io.berth.sandbox.SandboxException if it asks for mounts that cannot be had
     */
    ContainerConfig checked(PodSandbox sandbox, ContainerConfig asked) throws IOException {
        return sources.checked(asked, features(sandbox, asked));
    }

    private Path shm(PodSandbox sandbox) throws IOException {
        return PodFiles.onHostIpc(sandbox)
                ? node.paths().shmMount(sandbox.id())
                : new PodShm(node.paths(), node.linux()).of(sandbox);
    }

    private static boolean asksHostname(ContainerConfig config) {
        return config.getEnvsList().stream().anyMatch(each -> each.getKey().equals("HOSTNAME"));
    }

    /** What the request wants labelled for this container. */
    private static List<Path> relabelled(Container container, MountHost mounts) {
        var paths = new ArrayList<Path>();
        for (int i = 0; i < container.config().getMountsCount(); i++) {
            if (container.config().getMounts(i).getSelinuxRelabel()) {
                paths.add(mounts.sources().get(i).path());
            }
        }
        return paths;
    }

    /** Only a request that depends on them waits until they are known. */
    private HandlerFeatures features(PodSandbox sandbox, ContainerConfig config)
            throws IOException {
        return AskedMounts.needFeatures(config) || PodUserns.wanted(sandbox)
                ? node.runtimes().known(sandbox.runtimeHandler())
                : node.runtimes().sampled(sandbox.runtimeHandler());
    }

    private SandboxSettings.RuntimeHandler handler(PodSandbox sandbox) {
        return node.settings()
                .handler(sandbox.runtimeHandler())
                .orElseThrow(
                        () ->
                                new SandboxException.WrongState(
                                        "sandbox %s: its runtime handler '%s' is not configured any more"
                                                .formatted(
                                                        sandbox.id(), sandbox.runtimeHandler())));
    }

    private static int pausePid(PodSandbox sandbox) {
        if (sandbox.state() instanceof SandboxState.Ready ready) {
            return ready.pid();
        }
        throw new IllegalStateException(
                "sandbox %s: is %s".formatted(sandbox.id(), sandbox.state().word()));
    }
}
