package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.berth.nri.v1.CDIDevice;
import io.berth.nri.v1.ContainerState;
import io.berth.nri.v1.Image;
import io.berth.nri.v1.LinuxPodSandbox;
import io.berth.nri.v1.SecurityProfile;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.settings.SandboxPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pods and containers as plugins see them, from their records and their OCI specs. */
final class Views {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNode NONE = JsonNodeFactory.instance.objectNode();

    private final SandboxPaths paths;

    Views(SandboxPaths paths) {
        this.paths = paths;
    }

    static JsonNode parse(byte[] spec) {
        try {
            return MAPPER.readTree(spec);
        } catch (IOException e) {
            throw new UncheckedIOException("config.json: is not JSON", e);
        }
    }

    static byte[] bytes(JsonNode spec) {
        try {
            return MAPPER.writeValueAsBytes(spec);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    io.berth.nri.v1.PodSandbox pod(PodSandbox pod) {
        var spec = specOf(paths.bundle(pod.id()));
        var config = pod.config();
        var linux = LinuxPodSandbox.newBuilder();
        if (config.getLinux().hasOverhead()) {
            linux.setPodOverhead(CriResources.view(config.getLinux().getOverhead()));
        }
        if (config.getLinux().hasResources()) {
            linux.setPodResources(CriResources.view(config.getLinux().getResources()));
        }
        linux.setCgroupParent(config.getLinux().getCgroupParent());
        linux.setCgroupsPath(spec.path("linux").path("cgroupsPath").asText());
        linux.addAllNamespaces(SpecView.namespaces(spec));
        linux.setResources(SpecResources.view(spec.path("linux").path("resources")));
        var view =
                io.berth.nri.v1.PodSandbox.newBuilder()
                        .setId(pod.id().value())
                        .setName(config.getMetadata().getName())
                        .setUid(config.getMetadata().getUid())
                        .setNamespace(config.getMetadata().getNamespace())
                        .putAllLabels(config.getLabelsMap())
                        .putAllAnnotations(SpecView.strings(spec.path("annotations")))
                        .putAllAnnotations(config.getAnnotationsMap())
                        .setRuntimeHandler(pod.runtimeHandler())
                        .setLinux(linux)
                        .addAllIps(pod.ips());
        if (pod.state() instanceof SandboxState.Ready ready) {
            view.setPid(ready.pid());
        }
        return view.build();
    }

    io.berth.nri.v1.Container container(Container container) {
        return container(container, specOf(paths.bundle(container.id())));
    }

    static io.berth.nri.v1.Container container(Container container, JsonNode spec) {
        var config = container.config();
        var view =
                io.berth.nri.v1.Container.newBuilder()
                        .setId(container.id().value())
                        .setPodSandboxId(container.sandbox().value())
                        .setName(config.getMetadata().getName())
                        .putAllLabels(config.getLabelsMap())
                        .setCreatedAt(CriTime.nanos(container.createdAt()));
        SpecView.describe(spec, view);
        view.putAllAnnotations(config.getAnnotationsMap());
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
        var reference = container.imageRef();
        view.setImage(
                Image.newBuilder()
                        .setName(
                                config.getImage().getUserSpecifiedImage().isEmpty()
                                        ? config.getImage().getImage()
                                        : config.getImage().getUserSpecifiedImage())
                        .setDigest(reference.substring(reference.indexOf('@') + 1))
                        .setConfigDigest(container.imageId()));
        state(container, view);
        return view.build();
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
