package io.berth.sandbox.nri;

import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.sandbox.settings.SandboxPaths;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What plugins know of: the node's pods and containers, those that have been told of and are not
 * visible yet, and whose end has been told.
 */
public final class World {
    /** How far the life of a thing has been told. */
    private enum Told {
        BEGINNING,
        STOP
    }

    private final SandboxStore sandboxes;
    private final ContainerStore containers;
    private final Views views;

    /** By id; an entry is a kilobyte at most, and goes with its pod or container. */
    private final Map<String, Told> told = new ConcurrentHashMap<>();

    private final Map<String, PodSandbox> newPods = new ConcurrentHashMap<>();
    private final Map<String, NewContainer> newContainers = new ConcurrentHashMap<>();

    @SuppressWarnings("ArrayRecordComponent") // bytes to be read, never compared
    private record NewContainer(Container container, byte[] spec) {}

    public World(SandboxStore sandboxes, ContainerStore containers, SandboxPaths paths) {
        this.sandboxes = sandboxes;
        this.containers = containers;
        this.views = new Views(paths);
    }

    void begins(PodSandbox pod) {
        told.put(pod.id().value(), Told.BEGINNING);
        newPods.put(pod.id().value(), pod);
    }

    void settled(PodSandbox pod) {
        newPods.remove(pod.id().value());
    }

    void begins(Container container, byte[] spec) {
        told.put(container.id().value(), Told.BEGINNING);
        newContainers.put(container.id().value(), new NewContainer(container, spec));
    }

    void settled(Container container) {
        newContainers.remove(container.id().value());
    }

    /** Whether a thing's stop is still to be told; it counts as told from now on. */
    boolean stops(String id) {
        return told.replace(id, Told.BEGINNING, Told.STOP);
    }

    /** A container that was asked to stop before it ran may be started all the same. */
    void starts(String id) {
        told.replace(id, Told.STOP, Told.BEGINNING);
    }

    /** Whether a thing's removal is still to be told; plugins know nothing of it from now on. */
    boolean goes(String id) {
        newPods.remove(id);
        newContainers.remove(id);
        return told.remove(id) != null;
    }

    io.berth.nri.v1.PodSandbox view(PodSandbox pod) {
        return views.pod(pod);
    }

    io.berth.nri.v1.Container view(Container container) {
        var fresh = newContainers.get(container.id().value());
        return fresh == null
                ? views.container(current(container))
                : Views.container(container, Views.parse(fresh.spec()));
    }

    /** As its record has it by now: whoever tells of it may have read it before its last change. */
    private Container current(Container container) {
        return containers
                .find(container.id())
                .filter(found -> !(found.state() instanceof ContainerState.Removing))
                .orElse(container);
    }

    /** A container's pod; only its id if the pod is gone. */
    io.berth.nri.v1.PodSandbox podOf(Container container) {
        return sandboxes
                .find(container.sandbox())
                .map(views::pod)
                .orElseGet(
                        () ->
                                io.berth.nri.v1.PodSandbox.newBuilder()
                                        .setId(container.sandbox().value())
                                        .build());
    }

    /** All pods, for a plugin that comes; their ends will be told from now on. */
    List<io.berth.nri.v1.PodSandbox> pods() {
        var found = new LinkedHashMap<>(newPods);
        for (var pod : sandboxes.all()) {
            if (pod.listed() && !(pod.state() instanceof SandboxState.Removing)) {
                found.put(pod.id().value(), pod);
            }
        }
        for (var pod : found.values()) {
            var stopped = pod.state() instanceof SandboxState.Stopped;
            told.putIfAbsent(pod.id().value(), stopped ? Told.STOP : Told.BEGINNING);
        }
        return found.values().stream().map(views::pod).toList();
    }

    /** All containers that run or may yet run. */
    List<io.berth.nri.v1.Container> containers() {
        var found = new LinkedHashMap<String, io.berth.nri.v1.Container>();
        newContainers.forEach(
                (id, fresh) ->
                        found.put(
                                id, Views.container(fresh.container(), Views.parse(fresh.spec()))));
        for (var container : containers.all()) {
            switch (container.state()) {
                case ContainerState.Created _, ContainerState.Running _ ->
                        found.put(container.id().value(), views.container(container));
                case ContainerState.Creating _,
                        ContainerState.Exited _,
                        ContainerState.Removing _ -> {}
            }
        }
        found.keySet().forEach(id -> told.putIfAbsent(id, Told.BEGINNING));
        return new ArrayList<>(found.values());
    }
}
