package io.berth.sandbox.nri;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.StopContainerRequest;
import io.berth.nri.v1.StopContainerResponse;
import io.berth.nri.v1.UpdateContainerRequest;
import io.berth.nri.v1.UpdateContainerResponse;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.spec.HostLimits;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The node's plugins. Hooks come one at a time, each to all plugins by rising index; a new plugin
 * is synchronized between two hooks, so that it learns of everything either way. What plugins ask
 * of other containers in answer is done after the hook, beside other pods' hooks.
 */
public final class NriPlugins implements Nri, Closeable {
    private final NriSettings settings;
    private final Creation.Changes changes;
    private final Roster roster;
    private final World world;
    private final Requests requests;
    private final Telling telling;

    /**
     * @param world what plugins are synchronized with
     * @param observer is told of each call
     */
    public NriPlugins(
            NriSettings settings,
            HostLimits limits,
            DeviceSource devices,
            World world,
            CallObserver observer) {
        this.settings = settings;
        this.changes = new Creation.Changes(limits, devices, SpecMounts.Sources.ofHost());
        this.world = world;
        this.requests = new Requests(settings.requestTimeout());
        this.roster = new Roster(settings, world, observer, requests);
        this.telling = new Telling(roster, world);
    }

    /** How many plugins are connected and synchronized. */
    public int connected() {
        return roster.all().size();
    }

    /**
     * Starts the plugins of the folder, then listens; hooks wait until the former are there or
     * given up. Returns at once.
     *
     * @param programs starts the plugins of the folder
     * @param version of this runtime, for plugins to know
     */
    public void start(PluginPrograms programs, String version) {
        roster.start(programs, version);
    }

    /** Names who does what plugins ask for; before {@link #start}. */
    public void serve(ContainerChanges changes) {
        requests.serve(changes);
    }

    /** Tells all plugins that the node goes, and ends them. */
    @Override
    public void close() {
        roster.close();
    }

    @Override
    public void runPodSandbox(io.berth.sandbox.sandbox.PodSandbox pod) {
        try (var _ = roster.turn()) {
            world.begins(pod);
            try {
                telling.each(Hook.RUN_POD_SANDBOX, pod);
            } catch (SandboxException refused) {
                tellPodEnd(pod);
                throw refused;
            }
        }
    }

    @Override
    public void podSandboxSettled(io.berth.sandbox.sandbox.PodSandbox pod) {
        world.settled(pod);
    }

    @Override
    public void updatePodSandbox(
            io.berth.sandbox.sandbox.PodSandbox pod,
            LinuxContainerResources overhead,
            LinuxContainerResources resources) {
        try (var _ = roster.turn()) {
            var request = Telling.lazily(() -> Views.update(world.view(pod), overhead, resources));
            telling.each(
                    Hook.UPDATE_POD_SANDBOX,
                    pod.id().value(),
                    plugin -> {
                        var message = request.get();
                        plugin.tell(
                                Hook.UPDATE_POD_SANDBOX,
                                message.getPod(),
                                Optional.empty(),
                                message);
                    });
        }
    }

    @Override
    public void postUpdatePodSandbox(io.berth.sandbox.sandbox.PodSandbox pod) {
        try (var _ = roster.turn()) {
            telling.quietly(Hook.POST_UPDATE_POD_SANDBOX, pod);
        }
    }

    @Override
    public void stopPodSandbox(io.berth.sandbox.sandbox.PodSandbox pod) {
        try (var _ = roster.turn()) {
            if (world.stops(pod.id().value())) {
                telling.quietly(Hook.STOP_POD_SANDBOX, pod);
            }
        }
    }

    @Override
    public void removePodSandbox(io.berth.sandbox.sandbox.PodSandbox pod) {
        try (var _ = roster.turn()) {
            tellPodEnd(pod);
        }
    }

    private void tellPodEnd(io.berth.sandbox.sandbox.PodSandbox pod) {
        if (world.stops(pod.id().value())) {
            telling.quietly(Hook.STOP_POD_SANDBOX, pod);
        }
        if (world.goes(pod.id().value())) {
            telling.quietly(Hook.REMOVE_POD_SANDBOX, pod);
        }
    }

    @Override
    public byte[] createContainer(
            io.berth.sandbox.sandbox.PodSandbox pod,
            io.berth.sandbox.container.Container container,
            byte[] spec) {
        Creation creation;
        List<Runnable> afterwards;
        try (var _ = roster.turn()) {
            world.begins(container, spec);
            if (roster.all().isEmpty() && !settings.validation().enabled()) {
                return spec;
            }
            creation = new Creation(settings, changes, world.view(pod), container, spec);
            try {
                Telling.step(
                        Hook.CREATE_CONTAINER,
                        container.id().value(),
                        () -> creation.ask(roster.all()));
            } catch (SandboxException refused) {
                tellEnd(container);
                throw refused;
            }
            afterwards = requests.take(creation.evictions(), creation.updates());
        }
        afterwards.forEach(Runnable::run);
        try {
            return creation.adjusted();
        } catch (SandboxException refused) {
            undoCreateContainer(container);
            throw refused;
        }
    }

    @Override
    public void postCreateContainer(io.berth.sandbox.container.Container container) {
        try (var _ = roster.turn()) {
            world.settled(container);
            telling.quietly(Hook.POST_CREATE_CONTAINER, container);
        }
    }

    @Override
    public void undoCreateContainer(io.berth.sandbox.container.Container container) {
        removeContainer(container);
    }

    @Override
    public void startContainer(io.berth.sandbox.container.Container container, int pid) {
        try (var _ = roster.turn()) {
            world.starts(container.id().value());
            telling.starting(container, pid);
        }
    }

    @Override
    public void postStartContainer(io.berth.sandbox.container.Container container) {
        try (var _ = roster.turn()) {
            telling.quietly(Hook.POST_START_CONTAINER, container);
        }
    }

    @Override
    public LinuxContainerResources updateContainer(
            io.berth.sandbox.container.Container container, LinuxContainerResources asked) {
        var id = container.id().value();
        var merge = new UpdateMerge(new Owners());
        merge.begin(id, CriResources.view(asked));
        LinuxContainerResources wanted;
        List<Runnable> afterwards;
        try (var _ = roster.turn()) {
            var evictions = new ArrayList<io.berth.nri.v1.ContainerEviction>();
            if (roster.all().stream().noneMatch(plugin -> plugin.wants(Hook.UPDATE_CONTAINER))) {
                return asked;
            }
            var pod = Telling.lazily(() -> world.podOf(container));
            var view = Telling.lazily(() -> world.view(container));
            telling.each(
                    Hook.UPDATE_CONTAINER,
                    id,
                    plugin -> {
                        var request =
                                UpdateContainerRequest.newBuilder()
                                        .setPod(pod.get())
                                        .setContainer(view.get())
                                        .setLinuxResources(merge.of(id))
                                        .build();
                        plugin.ask(Hook.UPDATE_CONTAINER, request, UpdateContainerResponse.parser())
                                .ifPresent(
                                        answer -> {
                                            merge.add(
                                                    answer.getUpdateList(),
                                                    "",
                                                    plugin.name().toString());
                                            evictions.addAll(answer.getEvictList());
                                        });
                    });
            var own = merge.take(id);
            afterwards = requests.take(evictions, merge.all());
            wanted = CriResources.of(own, asked.getOomScoreAdj());
        }
        afterwards.forEach(Runnable::run);
        return wanted;
    }

    @Override
    public void postUpdateContainer(io.berth.sandbox.container.Container container) {
        try (var _ = roster.turn()) {
            telling.quietly(Hook.POST_UPDATE_CONTAINER, container);
        }
    }

    @Override
    public void stopContainer(io.berth.sandbox.container.Container container) {
        List<Runnable> afterwards;
        try (var _ = roster.turn()) {
            afterwards = tellStop(container);
        }
        afterwards.forEach(Runnable::run);
    }

    @Override
    public void removeContainer(io.berth.sandbox.container.Container container) {
        List<Runnable> afterwards;
        try (var _ = roster.turn()) {
            afterwards = tellEnd(container);
        }
        afterwards.forEach(Runnable::run);
    }

    private List<Runnable> tellEnd(io.berth.sandbox.container.Container container) {
        var afterwards = tellStop(container);
        if (world.goes(container.id().value())) {
            telling.quietly(Hook.REMOVE_CONTAINER, container);
        }
        return afterwards;
    }

    /** What is to be done once the turn is over. */
    private List<Runnable> tellStop(io.berth.sandbox.container.Container container) {
        if (!world.stops(container.id().value())) {
            return List.of();
        }
        var merge = new UpdateMerge(new Owners());
        var request =
                Telling.lazily(
                        () ->
                                StopContainerRequest.newBuilder()
                                        .setPod(world.podOf(container))
                                        .setContainer(world.view(container))
                                        .build());
        var updates = new ArrayList<ContainerUpdate>();
        telling.eachQuietly(
                Hook.STOP_CONTAINER,
                container.id().value(),
                plugin ->
                        plugin.ask(
                                        Hook.STOP_CONTAINER,
                                        request.get(),
                                        StopContainerResponse.parser())
                                .ifPresent(
                                        answer ->
                                                merge.add(
                                                        answer.getUpdateList(),
                                                        "",
                                                        plugin.name().toString())));
        updates.addAll(merge.all());
        return requests.take(List.of(), updates);
    }
}
