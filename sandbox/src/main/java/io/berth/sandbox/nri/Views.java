package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.imageservice.image.ImageRef;
import io.berth.linux.foreign.ForeignJson;
import io.berth.nri.v1.CDIDevice;
import io.berth.nri.v1.ContainerState;
import io.berth.nri.v1.Image;
import io.berth.nri.v1.LinuxNamespace;
import io.berth.nri.v1.LinuxPodSandbox;
import io.berth.nri.v1.SecurityProfile;
import io.berth.nri.v1.UpdatePodSandboxRequest;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.settings.SandboxPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Pods and containers as plugins see them, from their records and their OCI specs. */
final class Views {
    private static final ObjectMapper WRITER = new ObjectMapper();
    private static final JsonNode NONE = JsonNodeFactory.instance.objectNode();

    private final SandboxPaths paths;

    Views(SandboxPaths paths) {
        this.paths = paths;
    }

    static JsonNode parse(byte[] spec) {
        return ForeignJson.OWN.own("config.json", spec);
    }

    static byte[] bytes(JsonNode spec) {
        try {
            return WRITER.writeValueAsBytes(spec);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    io.berth.nri.v1.PodSandbox pod(PodSandbox pod) {
        var spec = specOf(paths.bundle(pod.id()));
        var config = pod.brief();
        var linux = LinuxPodSandbox.newBuilder();
        if (config.getLinux().hasOverhead()) {
            linux.setPodOverhead(CriResources.view(config.getLinux().getOverhead()));
        }
        if (config.getLinux().hasResources()) {
            linux.setPodResources(CriResources.view(config.getLinux().getResources()));
        }
        linux.setCgroupParent(config.getLinux().getCgroupParent());
        linux.setCgroupsPath(spec.path("linux").path("cgroupsPath").asText());
        SpecView.namespaces(spec).stream().filter(Views::stands).forEach(linux::addNamespaces);
        linux.setResources(SpecResources.view(spec.path("linux").path("resources")));
        var view =
                io.berth.nri.v1.PodSandbox.newBuilder()
                        .setId(pod.id().value())
                        .setName(config.getMetadata().getName())
                        .setUid(config.getMetadata().getUid())
                        .setNamespace(config.getMetadata().getNamespace())
                        .putAllLabels(pod.labels())
                        .putAllAnnotations(SpecView.strings(spec.path("annotations")))
                        .putAllAnnotations(pod.annotations())
                        .setRuntimeHandler(pod.runtimeHandler())
                        .setLinux(linux)
                        .addAllIps(pod.ips());
        if (pod.state() instanceof SandboxState.Ready ready) {
            view.setPid(ready.pid());
        }
        return view.build();
    }

    /** A pod's network namespace is gone before the pod is. */
    private static boolean stands(LinuxNamespace namespace) {
        return !namespace.getType().equals("network")
                || (!namespace.getPath().isEmpty() && Files.exists(Path.of(namespace.getPath())));
    }

    /** What is to become of a pod's limits. */
    static UpdatePodSandboxRequest update(
            io.berth.nri.v1.PodSandbox pod,
            LinuxContainerResources overhead,
            LinuxContainerResources resources) {
        var request =
                UpdatePodSandboxRequest.newBuilder()
                        .setPod(pod)
                        .setLinuxResources(CriResources.view(resources));
        if (!overhead.equals(LinuxContainerResources.getDefaultInstance())) {
            request.setOverheadLinuxResources(CriResources.view(overhead));
        }
        return request.build();
    }

    io.berth.nri.v1.Container container(Container container) {
        return container(container, specOf(paths.bundle(container.id())));
    }

    static io.berth.nri.v1.Container container(Container container, JsonNode spec) {
        var config = container.brief();
        var view =
                io.berth.nri.v1.Container.newBuilder()
                        .setId(container.id().value())
                        .setPodSandboxId(container.sandbox().value())
                        .setName(config.getMetadata().getName())
                        .putAllLabels(container.labels())
                        .setCreatedAt(CriTime.nanos(container.createdAt()));
        SpecView.describe(spec, view);
        view.putAllAnnotations(container.annotations());
        config.getCDIDevicesList()
                .forEach(
                        each -> view.addCDIDevices(CDIDevice.newBuilder().setName(each.getName())));
        var security = config.getLinux().getSecurityContext();
        if (security.hasSeccomp()) {
            view.getLinuxBuilder()
                    .setSeccompProfile(
                            SecurityProfile.newBuilder()
                                    .setProfileTypeValue(
                                            security.getSeccomp().getProfileTypeValue())
                                    .setLocalhostRef(security.getSeccomp().getLocalhostRef()));
        }
        view.setImage(image(container));
        state(container, view);
        return view.build();
    }

    /** Its name is complete, also where the kubelet names the image by its id. */
    private static Image image(Container container) {
        var asked = container.brief().getImage();
        var reference = container.imageRef();
        var name =
                Stream.of(asked.getUserSpecifiedImage(), asked.getImage())
                        .filter(text -> !text.isEmpty())
                        .flatMap(text -> ImageRef.tag(text).stream())
                        .findFirst();
        return Image.newBuilder()
                .setName(name.orElse(reference))
                .setDigest(reference.substring(reference.indexOf('@') + 1))
                .setConfigDigest(container.imageId())
                .build();
    }

    private static void state(Container container, io.berth.nri.v1.Container.Builder view) {
        switch (container.state()) {
            case io.berth.sandbox.container.ContainerState.Creating _ ->
                    view.setState(ContainerState.CONTAINER_UNKNOWN);
            case io.berth.sandbox.container.ContainerState.Created _ ->
                    view.setState(ContainerState.CONTAINER_CREATED);
            case io.berth.sandbox.container.ContainerState.Running running ->
                    view.setState(ContainerState.CONTAINER_RUNNING)
                            .setPid(running.pid())
                            .setStartedAt(CriTime.nanos(running.startedAt()));
            case io.berth.sandbox.container.ContainerState.Exited exited -> end(view, exited);
            case io.berth.sandbox.container.ContainerState.Removing(_, var ended) -> {
                view.setState(ContainerState.CONTAINER_STOPPED);
                ended.ifPresent(exited -> end(view, exited));
            }
        }
    }

    private static void end(
            io.berth.nri.v1.Container.Builder view,
            io.berth.sandbox.container.ContainerState.Exited exited) {
        view.setState(ContainerState.CONTAINER_STOPPED)
                .setFinishedAt(CriTime.nanos(exited.finishedAt()))
                .setExitCode(exited.code())
                .setStatusReason(exited.reason())
                .setStatusMessage(exited.message());
        exited.startedAt().ifPresent(at -> view.setStartedAt(CriTime.nanos(at)));
    }

    /** What stands in a bundle; nothing once the bundle is gone. */
    private static JsonNode specOf(Path bundle) {
        try {
            return parse(Files.readAllBytes(bundle.resolve("config.json")));
        } catch (IOException gone) {
            return NONE;
        }
    }
}
