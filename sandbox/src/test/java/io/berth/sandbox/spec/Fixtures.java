package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.imageservice.image.ImageConfig;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerName;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.runtime.HandlerFeatures;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxName;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.security.ContainerSecurity;
import io.berth.sandbox.security.PodSecurity;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Pods, containers and machines for the tests of this package. */
final class Fixtures {
    static final int POD_PID = 4711;
    private static final SandboxId SANDBOX = new SandboxId("a".repeat(64));
    private static final ContainerId CONTAINER = new ContainerId("b".repeat(64));

    /** A container that nothing confines. */
    static final ContainerSecurity PRIVILEGED = ContainerSecurity.PLAIN.withPrivilege();

    private Fixtures() {}

    static PodSandboxConfig.Builder podConfig() {
        var config =
                PodSandboxConfig.newBuilder()
                        .setMetadata(
                                PodSandboxMetadata.newBuilder()
                                        .setName("web")
                                        .setNamespace("shop")
                                        .setUid("uid-1"))
                        .setHostname("web-0")
                        .setLogDirectory("/var/log/pods/shop_web_uid-1");
        config.getLinuxBuilder().setCgroupParent("/kubepods/poduid-1");
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(namespaces(NamespaceMode.CONTAINER));
        return config;
    }

    static NamespaceOption.Builder namespaces(NamespaceMode pid) {
        return NamespaceOption.newBuilder().setPid(pid);
    }

    static PodSandbox sandbox(PodSandboxConfig.Builder config) {
        return new PodSandbox(
                SANDBOX,
                SandboxName.of(config.getMetadata()),
                "hash",
                "",
                config.build(),
                Instant.EPOCH,
                "boot",
                List.of(),
                new SandboxState.Ready(Instant.EPOCH, POD_PID));
    }

    static ContainerConfig.Builder containerConfig() {
        var config =
                ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("server"))
                        .setImage(ImageSpec.newBuilder().setImage("registry.test/server:1"));
        config.getLinuxBuilder()
                .getSecurityContextBuilder()
                .setNamespaceOptions(namespaces(NamespaceMode.CONTAINER));
        return config;
    }

    static Container container(ContainerConfig.Builder config) {
        return new Container(
                CONTAINER,
                new ContainerName("server_web_shop_uid-1_0"),
                SANDBOX,
                "hash",
                config.build(),
                "sha256:" + "c".repeat(64),
                "registry.test/server@sha256:" + "d".repeat(64),
                "SIGTERM",
                "",
                Instant.EPOCH,
                Optional.empty(),
                false,
                new ContainerState.Creating());
    }

    static ImageConfig image() {
        return image(List.of("/entry"), List.of("cmd"), List.of("A=image", "B=image"), "/srv");
    }

    static ImageConfig image(
            List<String> entrypoint, List<String> cmd, List<String> env, String workingDir) {
        return new ImageConfig(
                "",
                env,
                entrypoint,
                cmd,
                workingDir,
                Set.of(),
                Set.of(),
                Map.of(),
                Optional.empty(),
                "amd64",
                "linux");
    }

    /** A machine that allows everything. */
    static HostLimits limits() {
        return new HostLimits(CapabilityNames.ofMask(-1L), -1000, false, true, true, "node-1");
    }

    static PodHost podHost() {
        return podHost(Optional.of(Path.of("/run/berth/netns/a")), limits());
    }

    static PodHost podHost(Optional<Path> netns, HostLimits limits) {
        return new PodHost(
                netns, Optional.empty(), "/kubepods/poduid-1/a", HandlerFeatures.all(), limits);
    }

    /** As the host is when each mount's source is there, unlinked, on a mount that is private. */
    static ContainerHost host(ContainerConfig.Builder config, HostLimits limits) {
        var sources =
                config.getMountsList().stream()
                        .map(mount -> Path.of("/").resolve(mount.getHostPath()))
                        .map(path -> new MountSource(path, Optional.empty()))
                        .toList();
        return host(new MountHost(sources, HandlerFeatures.all()), OptionalInt.empty(), limits);
    }

    static ContainerHost host(MountHost mounts, OptionalInt target, HostLimits limits) {
        return new ContainerHost(
                new JoinedNamespaces(POD_PID, target, Optional.empty()),
                new User(1000, 1000, List.of(1000, 2000)),
                "/kubepods/poduid-1/b",
                Path.of("/run/berth/sandboxes/a/shm"),
                Path.of("/var/lib/berth/sandboxes/a/resolv.conf"),
                Path.of("/var/lib/berth/sandboxes/a/hostname"),
                Path.of("/var/lib/berth/sandboxes/a/hosts"),
                mounts,
                limits);
    }

    static JsonNode pod(PodSandboxConfig.Builder config, PodHost host) {
        return pod(config, host, PodSecurity.PLAIN);
    }

    static JsonNode pod(PodSandboxConfig.Builder config, PodHost host, PodSecurity security) {
        return OciJson.parse(PodSpec.json(sandbox(config), host, security));
    }

    static JsonNode spec(ContainerConfig.Builder config) {
        return spec(config, podConfig(), limits());
    }

    static JsonNode spec(
            ContainerConfig.Builder config, PodSandboxConfig.Builder pod, HostLimits limits) {
        return spec(config, pod, host(config, limits));
    }

    static JsonNode spec(
            ContainerConfig.Builder config, PodSandboxConfig.Builder pod, ContainerHost host) {
        return spec(config, pod, host, ContainerSecurity.PLAIN);
    }

    static JsonNode spec(
            ContainerConfig.Builder config,
            PodSandboxConfig.Builder pod,
            HostLimits limits,
            ContainerSecurity security) {
        return spec(config, pod, host(config, limits), security);
    }

    private static JsonNode spec(
            ContainerConfig.Builder config,
            PodSandboxConfig.Builder pod,
            ContainerHost host,
            ContainerSecurity security) {
        return OciJson.parse(
                ContainerSpec.json(container(config), sandbox(pod), image(), host, security));
    }

    static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(element -> texts.add(element.asText()));
        return texts;
    }

    /** Types with their paths: {@code network=/proc/1/ns/net}, {@code pid=new}. */
    static List<String> namespaces(JsonNode spec) {
        var found = new ArrayList<String>();
        spec.at("/linux/namespaces")
                .forEach(
                        namespace ->
                                found.add(
                                        namespace.get("type").asText()
                                                + "="
                                                + namespace.path("path").asText("new")));
        return found;
    }

    static JsonNode mount(JsonNode spec, String destination) {
        for (var mount : spec.get("mounts")) {
            if (mount.get("destination").asText().equals(destination)) {
                return mount;
            }
        }
        throw new AssertionError("found no mount at " + destination + " in " + spec.get("mounts"));
    }

    static List<String> destinations(JsonNode spec) {
        var found = new ArrayList<String>();
        spec.get("mounts").forEach(mount -> found.add(mount.get("destination").asText()));
        return found;
    }
}
