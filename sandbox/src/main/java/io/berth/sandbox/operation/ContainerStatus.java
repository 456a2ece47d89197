package io.berth.sandbox.operation;

import com.fasterxml.jackson.databind.json.JsonMapper;

import io.berth.cri.v1.ContainerResources;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatusResponse;
import io.berth.cri.v1.ContainerUser;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.LinuxContainerUser;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState.Created;
import io.berth.sandbox.container.ContainerState.Creating;
import io.berth.sandbox.container.ContainerState.Exited;
import io.berth.sandbox.container.ContainerState.Removing;
import io.berth.sandbox.container.ContainerState.Running;

import java.util.LinkedHashMap;
import java.util.List;

/** Tells all about one container, from memory. */
final class ContainerStatus {
    private static final JsonMapper JSON = new JsonMapper();

    private final Node node;

    ContainerStatus(Node node) {
        this.node = node;
    }

    ContainerStatusResponse run(String containerId, boolean verbose) {
        var container = node.container(containerId);
        var response = ContainerStatusResponse.newBuilder().setStatus(status(container));
        if (verbose) {
            response.putInfo("info", info(container));
        }
        return response.build();
    }

    static io.berth.cri.v1.ContainerStatus status(Container container) {
        var config = container.config();
        var status =
                io.berth.cri.v1.ContainerStatus.newBuilder()
                        .setId(container.id().value())
                        .setMetadata(config.getMetadata())
                        .setState(state(container))
                        .setCreatedAt(PodSandboxStatus.nanos(container.createdAt()))
                        .setImage(ImageSpec.newBuilder().setImage(config.getImage().getImage()))
                        .setImageRef(container.imageRef())
                        .setImageId(container.imageId())
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(config.getAnnotationsMap())
                        .addAllMounts(config.getMountsList())
                        .setLogPath(container.logPath())
                        .setResources(
                                ContainerResources.newBuilder()
                                        .setLinux(config.getLinux().getResources()))
                        .setStopSignal(StopSignal.toCri(container.stopSignal()));
        container
                .user()
                .ifPresent(
                        user ->
                                status.setUser(
                                        ContainerUser.newBuilder()
                                                .setLinux(
                                                        LinuxContainerUser.newBuilder()
                                                                .setUid(user.uid())
                                                                .setGid(user.gid())
                                                                .addAllSupplementalGroups(
                                                                        groups(user.groups())))));
        switch (container.state()) {
            case Running(var startedAt, _, _) ->
                    status.setStartedAt(PodSandboxStatus.nanos(startedAt));
            case Exited exited -> {
                exited.startedAt().ifPresent(at -> status.setStartedAt(PodSandboxStatus.nanos(at)));
                status.setFinishedAt(PodSandboxStatus.nanos(exited.finishedAt()))
                        .setExitCode(exited.code())
                        .setReason(exited.reason())
                        .setMessage(exited.message());
            }
            case Creating _, Created _, Removing _ -> {}
        }
        return status.build();
    }

    private static List<Long> groups(List<Integer> groups) {
        return groups.stream().map(Integer::toUnsignedLong).toList();
    }

    static ContainerState state(Container container) {
        return switch (container.state()) {
            case Creating _, Created _ -> ContainerState.CONTAINER_CREATED;
            case Running _ -> ContainerState.CONTAINER_RUNNING;
            case Exited _, Removing _ -> ContainerState.CONTAINER_EXITED;
        };
    }

    private String info(Container container) {
        var info = new LinkedHashMap<String, Object>();
        if (container.state() instanceof Running(_, var pid, _)) {
            info.put("pid", pid);
        }
        info.put("sandboxID", container.sandbox().value());
        info.put("state", container.state().word());
        info.put("snapshotKey", container.id().value());
        info.put("bundle", node.paths().bundle(container.id()).toString());
        return JSON.valueToTree(info).toString();
    }
}
