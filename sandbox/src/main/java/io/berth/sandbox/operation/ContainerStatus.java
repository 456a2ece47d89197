package io.berth.sandbox.operation;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.cri.v1.ContainerResources;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatusResponse;
import io.berth.cri.v1.ContainerUser;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.LinuxContainerUser;
import io.berth.cri.v1.Mount;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.Images;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState.Created;
import io.berth.sandbox.container.ContainerState.Creating;
import io.berth.sandbox.container.ContainerState.Exited;
import io.berth.sandbox.container.ContainerState.Removing;
import io.berth.sandbox.container.ContainerState.Running;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** Tells all about one container, from memory save for the bundle of a verbose answer. */
final class ContainerStatus {
    private static final JsonMapper JSON = new JsonMapper();

    private final Node node;

    ContainerStatus(Node node) {
        this.node = node;
    }

    ContainerStatusResponse run(String containerId, boolean verbose) {
        var container = node.container(containerId);
        var response =
                ContainerStatusResponse.newBuilder().setStatus(status(node.images(), container));
        if (verbose) {
            response.putInfo("info", info(container));
        }
        return response.build();
    }

    static io.berth.cri.v1.ContainerStatus status(Images images, Container container) {
        var config = container.brief();
        var status =
                io.berth.cri.v1.ContainerStatus.newBuilder()
                        .setId(container.id().value())
                        .setMetadata(config.getMetadata())
                        .setState(state(container))
                        .setCreatedAt(CriTime.nanos(container.createdAt()))
                        .setImage(image(images, container))
                        .setImageRef(container.imageRef())
                        .setImageId(container.imageId())
                        .putAllLabels(container.labels())
                        .putAllAnnotations(container.annotations())
                        .addAllMounts(mounts(container))
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
            case Running(var startedAt, _, _) -> status.setStartedAt(CriTime.nanos(startedAt));
            case Exited exited -> end(status, exited);
            case Removing(_, var ended) -> ended.ifPresent(exited -> end(status, exited));
            case Creating _, Created _ -> {}
        }
        return status.build();
    }

    /** Those of the request; of a container that is gone, whose end is told yet, its images'. */
    private static List<Mount> mounts(Container container) {
        try {
            return container.config().getMountsList();
        } catch (SandboxException.NotFound gone) {
            return container.brief().getMountsList();
        }
    }

    private static void end(io.berth.cri.v1.ContainerStatus.Builder status, Exited exited) {
        exited.startedAt().ifPresent(at -> status.setStartedAt(CriTime.nanos(at)));
        status.setFinishedAt(CriTime.nanos(exited.finishedAt()))
                .setExitCode(exited.code())
                .setReason(exited.reason())
                .setMessage(exited.message());
    }

    /**
     * What people know the image by: the tag that the pod names, else any tag that the image has
     * now. The kubelet asks by id, which means nothing to who reads a pod's status.
     */
    private static ImageSpec image(Images images, Container container) {
        var asked = container.brief().getImage();
        var tags = images.find(container.imageId()).map(Image::repoTags).orElse(List.of());
        var named =
                Stream.of(asked.getUserSpecifiedImage(), asked.getImage())
                        .filter(text -> !text.isEmpty())
                        .flatMap(text -> ImageRef.tag(text).stream())
                        .filter(tags::contains)
                        .findFirst();
        var shown = named.or(() -> tags.stream().findFirst()).orElse(asked.getImage());
        return ImageSpec.newBuilder()
                .setImage(shown)
                .setUserSpecifiedImage(asked.getUserSpecifiedImage())
                .build();
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
        if (container.state() instanceof Running(_, var pid, var signalledAt)) {
            info.put("pid", pid);
            signalledAt.ifPresent(at -> info.put("stopSignalSentAt", at.toString()));
        }
        info.put("sandboxID", container.sandbox().value());
        info.put("state", container.state().word());
        info.put("removing", container.state() instanceof Removing);
        info.put("restored", container.restored());
        info.put("snapshotKey", container.id().value());
        node.storage()
                .snapshotters()
                .holderOf(container.id().value())
                .ifPresent(name -> info.put("snapshotter", name));
        node.knownSandbox(container.sandbox().value())
                .ifPresent(pod -> RuntimeInfo.put(info, node, pod.runtimeHandler()));
        info.put("config", MessageInfo.of(container.config()));
        info.put("bundle", node.paths().bundle(container.id()).toString());
        info.put("runtimeSpec", RuntimeSpec.of(node.paths().bundle(container.id())));
        return JSON.valueToTree(info).toString();
    }
}
