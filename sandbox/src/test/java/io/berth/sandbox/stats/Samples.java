package io.berth.sandbox.stats;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxMetadata;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerName;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxName;
import io.berth.sandbox.sandbox.SandboxState;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** A pod with its containers, and a clock that a test turns. */
final class Samples {
    static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    private Samples() {}

    static PodSandbox pod() {
        var id = SandboxId.random();
        var meta = PodSandboxMetadata.newBuilder().setName("web").setNamespace("shop").build();
        return new PodSandbox(
                id,
                SandboxName.of(meta),
                "hash",
                "runc",
                PodSandboxConfig.newBuilder().setMetadata(meta).putLabels("app", "web").build(),
                NOW,
                "boot",
                List.of(),
                new SandboxState.Ready(NOW, Integer.MAX_VALUE));
    }

    static Container container(PodSandbox pod, ContainerState state) {
        var id = ContainerId.random();
        return new Container(
                id,
                new ContainerName(id.value()),
                pod.id(),
                "hash",
                ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                        .setImage(
                                ImageSpec.newBuilder()
                                        .setImage("sha256:1")
                                        .setUserSpecifiedImage("busybox:1"))
                        .build(),
                "sha256:1",
                "image",
                "SIGTERM",
                "",
                NOW,
                Optional.empty(),
                false,
                state);
    }

    static ContainerState.Exited exited() {
        return new ContainerState.Exited(Optional.of(NOW), NOW, 0, "Completed", "");
    }

    /** Stands still until it is turned. */
    static final class Turned extends Clock {
        private Instant now = NOW;

        void to(Instant next) {
            now = next;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
