package io.berth.sandbox.salvage;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.cri.v1.UserNamespace;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerName;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxName;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Puts pods and containers on record again that run and that the store does not know. What only the
 * request said is lost with it: most labels, annotations, limits, and the id of the image. The next
 * daemon asks their shims how they are, as after any restart; they can be used, stopped and
 * removed.
 */
public final class TaskSalvage {
    private static final Logger LOG = System.getLogger(TaskSalvage.class.getName());

    private final SandboxPaths paths;
    private final String cgroupParent;
    private final String bootId;
    private final Addresses addresses;
    private final Clock clock;

    /** Looks up a pod's addresses. */
    public interface Addresses {
        /** Those of a pod, the primary one first; empty if none is known. */
        List<String> of(String sandboxId) throws IOException;
    }

    /**
     * @param cgroupParent where the cgroups of pods lie that name no parent
     * @param bootId of this boot
     */
    public TaskSalvage(
            SandboxPaths paths,
            String cgroupParent,
            String bootId,
            Addresses addresses,
            Clock clock) {
        this.paths = paths;
        this.cgroupParent = cgroupParent;
        this.bootId = bootId;
        this.addresses = addresses;
        this.clock = clock;
    }

    /**
     * What came of it.
     *
     * @param left tasks that run and whose bundles do not tell what they are
     */
    public record Salvaged(int pods, int containers, Set<String> left) {
        public Salvaged {
            left = Set.copyOf(left);
        }
    }

    /** The stores that are added to. */
    private record Records(Ledger ledger, SandboxStore sandboxes, ContainerStore containers) {
        boolean knows(String id) {
            return !ledger.of(id).isEmpty();
        }
    }

    /**
     * Adds records of the tasks that run and that the ledger does not name, and of the other
     * containers of their pods that have begun.
     *
     * @param live the ids of the tasks that run
     */
    public Salvaged run(Metadata metadata, Set<String> live) throws IOException {
        var records =
                new Records(
                        Ledger.open(metadata),
                        SandboxStore.open(metadata),
                        ContainerStore.open(metadata));
        var left = new HashSet<>(live);
        left.removeIf(records::knows);
        if (left.isEmpty()) {
            return new Salvaged(0, 0, left);
        }
        var bundles = bundles();
        int pods = 0;
        for (var bundle : bundles.values()) {
            if (bundle.isPod() && !records.knows(bundle.id()) && runs(bundle, bundles, live)) {
                add(bundle, records);
                pods++;
            }
        }
        int containers = 0;
        for (var bundle : bundles.values()) {
            var pod = Optional.ofNullable(bundles.get(bundle.sandbox())).filter(BundleSpec::isPod);
            if (!bundle.isPod()
                    && (bundle.hasBegun() || live.contains(bundle.id()))
                    && !records.knows(bundle.id())
                    && pod.isPresent()
                    && records.knows(bundle.sandbox())) {
                add(bundle, pod.get(), records);
                containers++;
            }
        }
        left.removeIf(records::knows);
        return new Salvaged(pods, containers, left);
    }

    private static boolean runs(BundleSpec pod, Map<String, BundleSpec> bundles, Set<String> live) {
        return live.contains(pod.id())
                || bundles.values().stream()
                        .anyMatch(it -> it.sandbox().equals(pod.id()) && live.contains(it.id()));
    }

    /** By id; those that cannot be read are named in the log. */
    private Map<String, BundleSpec> bundles() throws IOException {
        var found = new TreeMap<String, BundleSpec>();
        try (var folders = Files.newDirectoryStream(paths.bundles())) {
            for (var folder : folders) {
                try {
                    var bundle = BundleSpec.read(folder);
                    found.put(bundle.id(), bundle);
                } catch (IOException unreadable) {
                    LOG.log(
                            Logger.Level.WARNING,
                            "bundle {0}: does not tell what it is: {1}",
                            folder,
                            unreadable.getMessage());
                }
            }
        } catch (NoSuchFileException none) {
            return found;
        }
        return found;
    }

    private void add(BundleSpec bundle, Records records) throws IOException {
        var id = new SandboxId(bundle.id());
        var cgroup = SalvagedCgroup.of(bundle.cgroupsPath());
        boolean own = cgroup.isOfPod(bundle.id(), cgroupParent);
        var config = config(bundle, own ? "" : cgroup.parent());
        var sandbox =
                new PodSandbox(
                        id,
                        SandboxName.of(config.getMetadata()),
                        "",
                        bundle.own("handler"),
                        config,
                        bundle.createdAt(),
                        bootId,
                        addresses.of(bundle.id()),
                        new SandboxState.Ready(bundle.begunAt(), bundle.pid()));
        var planned = new ArrayList<Planned>();
        planned.add(new Planned(ResourceKind.DIRECTORY, paths.sandbox(id)));
        planned.add(new Planned(ResourceKind.MOUNT, paths.shm(id)));
        planned.add(new Planned(ResourceKind.MOUNT, paths.volumes(id.value())));
        planned.add(new Planned(ResourceKind.SNAPSHOT, id));
        if (Files.exists(paths.userns(id))) {
            planned.add(new Planned(ResourceKind.USERNS, paths.userns(id)));
        }
        planned.add(new Planned(ResourceKind.BUNDLE, paths.bundle(id)));
        planned.add(new Planned(ResourceKind.CGROUP, own ? cgroup.path() : cgroup.leaf()));
        if (own) {
            cgroup.slice().ifPresent(it -> planned.add(new Planned(ResourceKind.SLICE, it)));
        }
        var task = ofTask(bundle);
        planned.add(new Planned(ResourceKind.SHIM, paths.bundle(id).toString(), task));
        planned.add(new Planned(ResourceKind.TASK, id.value(), task));
        if (bundle.hasNamespace("network")) {
            planned.add(new Planned(ResourceKind.NETNS, paths.netnsFolder().resolve(id.value())));
            planned.add(new Planned(ResourceKind.CNI, id));
        }
        records.sandboxes().add(sandbox, intents(records.ledger(), id.value(), planned));
    }

    private static Map<String, String> ofTask(BundleSpec pod) {
        return Map.of("sandbox", pod.sandbox(), "handler", pod.own("handler"));
    }

    private static PodSandboxConfig config(BundleSpec bundle, String givenParent) {
        var metadata =
                PodSandboxMetadata.newBuilder()
                        .setName(bundle.cri("sandbox-name"))
                        .setNamespace(bundle.cri("sandbox-namespace"))
                        .setUid(bundle.cri("sandbox-uid"))
                        .setAttempt(bundle.attempt());
        var namespaces =
                NamespaceOption.newBuilder()
                        .setNetwork(mode(bundle, "network", NamespaceMode.POD))
                        .setIpc(mode(bundle, "ipc", NamespaceMode.POD))
                        .setPid(mode(bundle, "pid", NamespaceMode.CONTAINER));
        var uids = bundle.mapping("uidMappings");
        if (!uids.isEmpty()) {
            namespaces.setUsernsOptions(
                    UserNamespace.newBuilder()
                            .setMode(NamespaceMode.POD)
                            .addAllUids(uids)
                            .addAllGids(bundle.mapping("gidMappings")));
        }
        var config =
                PodSandboxConfig.newBuilder()
                        .setMetadata(metadata)
                        .setHostname(bundle.hostname())
                        .setLogDirectory(bundle.cri("sandbox-log-directory"))
                        .putAllLabels(labels(bundle));
        config.getLinuxBuilder()
                .setCgroupParent(givenParent)
                .getSecurityContextBuilder()
                .setNamespaceOptions(namespaces);
        return config.build();
    }

    private static NamespaceMode mode(BundleSpec bundle, String type, NamespaceMode own) {
        return bundle.hasNamespace(type) ? own : NamespaceMode.NODE;
    }

    /** Returns the labels by which a kubelet knows its pods. */
    private static Map<String, String> labels(BundleSpec bundle) {
        return Map.of(
                "io.kubernetes.pod.name", bundle.cri("sandbox-name"),
                "io.kubernetes.pod.namespace", bundle.cri("sandbox-namespace"),
                "io.kubernetes.pod.uid", bundle.cri("sandbox-uid"));
    }

    private void add(BundleSpec bundle, BundleSpec pod, Records records) throws IOException {
        var id = new ContainerId(bundle.id());
        var sandbox = records.sandboxes().find(new SandboxId(bundle.sandbox())).orElseThrow();
        var config = ContainerConfig.newBuilder();
        config.getMetadataBuilder()
                .setName(bundle.cri("container-name"))
                .setAttempt(bundle.attempt());
        config.getImageBuilder().setImage(bundle.cri("image-name"));
        config.addAllCommand(bundle.arguments())
                .setTty(bundle.terminal())
                .putAllLabels(labels(bundle))
                .putLabels("io.kubernetes.container.name", bundle.cri("container-name"));
        var log = bundle.own("log-path");
        if (!log.isEmpty()) {
            config.setLogPath(relative(sandbox.config().getLogDirectory(), log));
        }
        var container =
                new Container(
                        id,
                        ContainerName.of(config.getMetadata(), sandbox.config().getMetadata()),
                        sandbox.id(),
                        "",
                        config.build(),
                        bundle.cri("image-name"),
                        bundle.cri("image-name"),
                        "SIGTERM",
                        log,
                        bundle.createdAt(),
                        Optional.empty(),
                        false,
                        new ContainerState.Running(bundle.begunAt(), bundle.pid()));
        var planned =
                List.of(
                        new Planned(ResourceKind.SNAPSHOT, id),
                        new Planned(ResourceKind.MOUNT, paths.volumes(id.value())),
                        new Planned(ResourceKind.BUNDLE, paths.bundle(id)),
                        new Planned(ResourceKind.FIFO, paths.io(id)),
                        new Planned(ResourceKind.LOG_WRITER, paths.control(id)),
                        new Planned(ResourceKind.VOLUME, paths.declaredVolumes(id)),
                        new Planned(
                                ResourceKind.CGROUP,
                                SalvagedCgroup.of(bundle.cgroupsPath()).leaf()),
                        new Planned(ResourceKind.TASK, id.value(), ofTask(pod)));
        records.containers().add(container, intents(records.ledger(), id.value(), planned));
    }

    private static String relative(String folder, String log) {
        var path = Path.of(log);
        return !folder.isEmpty() && path.startsWith(folder)
                ? Path.of(folder).relativize(path).toString()
                : log;
    }

    private Consumer<Batch> intents(Ledger ledger, String owner, List<Planned> planned) {
        var now = clock.instant();
        return batch -> {
            for (var thing : planned) {
                ledger.intend(
                        batch,
                        new Ledger.Entry(
                                thing.kind().word(), thing.key(), owner, now, thing.details()));
            }
        };
    }
}
