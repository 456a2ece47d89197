package io.berth.sandbox.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.UpdateContainerResourcesRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ResourceUpdate;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.SandboxEvent;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.shim.types.Status;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A daemon that ends in the middle of something takes its own end for no outcome: records stay as
 * they are, and the next daemon finds out. Here it leaves its shims while one is at a call.
 */
@Timeout(120)
class OwnEndTest {
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final SandboxState CREATING = new SandboxState.Creating();
    private static final SandboxState READY = new SandboxState.Ready(NOW, 1);
    private static final ContainerState RUNNING = new ContainerState.Running(NOW, 1);
    private static final LinuxContainerResources LIMITS =
            LinuxContainerResources.newBuilder().setCpuShares(77).build();

    @TempDir(factory = ShortPath.class)
    Path directory;

    private NodeRig rig;
    private ShimServer shim;
    private SandboxId pod;

    /** Below it lie sockets whose names have 64 digits, and the whole may have 107 bytes. */
    static final class ShortPath implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext field, ExtensionContext test)
                throws IOException {
            return Files.createTempDirectory("b");
        }
    }

    @BeforeEach
    void aDaemonAndAPodWithItsShim() throws IOException {
        rig = new NodeRig(directory);
        pod = rig.pod();
        shim = new ShimServer(rig.paths().bundle(pod), directory.resolve("shim"));
        shim.runs(pod.value());
    }

    @AfterEach
    void end() throws IOException {
        for (var container : rig.node.containers().all()) {
            var writer = EnumSet.of(ResourceKind.LOG_WRITER);
            var _ = rig.node.resources().release(container.id().value(), writer);
        }
        rig.close();
        shim.close();
    }

    private void ready() {
        var _ = rig.node.sandboxes().started(pod, new SandboxEvent.Started(NOW, 1), List.of());
    }

    private ContainerId running() throws IOException {
        var container = rig.container(pod, RUNNING);
        shim.runs(container.value());
        return container;
    }

    private void nextDaemon() throws IOException {
        rig.close();
        rig = new NodeRig(directory);
    }

    private boolean recover() {
        rig.recovery.begin();
        return rig.recovery.run();
    }

    @ParameterizedTest
    @CsvSource({"Connect,1", "Connect,2", "State,1", "State,2"})
    void aPodThatIsBeingTakenBackStaysAsItIs(String call, int nth) throws IOException {
        ready();
        var container = running();
        for (int before = 1; before < nth; before++) {
            shim.during(call, () -> {});
        }
        shim.during(call, rig::leaveShims);
        assertThat(recover()).as("all taken back").isFalse();
        assertThat(rig.state(pod)).isEqualTo(READY);
        assertThat(rig.state(container)).isEqualTo(RUNNING);

        nextDaemon();
        takenBack(container);
    }

    private void takenBack(ContainerId container) {
        assertThat(recover()).as("all taken back").isTrue();
        assertThat(rig.state(pod)).isEqualTo(READY);
        assertThat(rig.state(container)).isEqualTo(RUNNING);
        assertThat(rig.node.shims().find(pod).orElseThrow().shimPid()).isEqualTo(shim.pid());
    }

    /** It begins to be waited for in the middle of the recovery, which may be through then. */
    @Test
    void aPodWhoseEndIsWaitedForStaysAsItIs() throws IOException {
        ready();
        var container = running();
        shim.during("Wait", rig::leaveShims);
        recover();

        nextDaemon();
        takenBack(container);
    }

    @Test
    void aPodWhoseTurnDoesNotComeAnyMoreStaysAsItIs() throws IOException {
        ready();
        var container = running();
        rig.leaveShims();
        assertThat(recover()).as("all taken back").isFalse();
        assertThat(rig.state(pod)).isEqualTo(READY);
        assertThat(rig.state(container)).isEqualTo(RUNNING);
    }

    @Test
    void aPodWhoseShimHasNotAnsweredYetStaysAsItIs() throws IOException {
        ready();
        var container = running();
        shim.during(
                "Connect",
                () -> {
                    shim.fallSilent();
                    rig.leaveShims();
                });
        assertThat(recover()).as("all taken back").isFalse();
        assertThat(rig.state(pod)).isEqualTo(READY);
        assertThat(rig.state(container)).isEqualTo(RUNNING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"State", "Kill", "Wait", "Shutdown"})
    void aPodThatIsBeingUndoneIsUndoneByTheNext(String call) throws IOException {
        shim.during(call, rig::leaveShims);
        assertThat(recover()).isFalse();
        assertThat(rig.state(pod)).isEqualTo(CREATING);

        nextDaemon();
        assertThat(recover()).isTrue();
        assertThat(rig.node.sandboxes().find(pod)).isEmpty();
        assertThat(shim.status(pod.value())).isEqualTo(Status.UNKNOWN);
        shim.awaitEnd();
    }

    /** What keeps it from being made is that there is no pause image here. */
    @Test
    void aPodThatIsBeingMadeIsUndoneByTheNext() throws IOException {
        rig.leaveShims();
        var request = RunPodSandboxRequest.newBuilder();
        request.getConfigBuilder().getMetadataBuilder().setName("new");
        var namespaces =
                request.getConfigBuilder()
                        .getLinuxBuilder()
                        .getSecurityContextBuilder()
                        .getNamespaceOptionsBuilder();
        namespaces.setNetwork(NamespaceMode.NODE).setIpc(NamespaceMode.NODE);
        assertThatThrownBy(() -> rig.sandboxes.runPodSandbox(request.build()))
                .satisfies(
                        failure ->
                                assertThat(failure.getSuppressed())
                                        .hasAtLeastOneElementOfType(ShimException.GivenUp.class));
        assertThat(rig.node.sandboxes().all())
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.state()).isEqualTo(CREATING));

        nextDaemon();
        assertThat(recover()).isTrue();
        assertThat(rig.node.sandboxes().all()).isEmpty();
    }

    @Test
    void aContainerThatBeganWhileTheDaemonEndedRuns() throws IOException {
        ready();
        var container = rig.container(pod, new ContainerState.Created());
        recover();
        shim.during("Start", rig::leaveShims);
        assertThatThrownBy(() -> rig.sandboxes.startContainer(container.value()))
                .isInstanceOf(ShimException.GivenUp.class);
        assertThat(rig.state(container)).isEqualTo(new ContainerState.Created());

        nextDaemon();
        recover();
        assertThat(rig.state(container)).isInstanceOf(ContainerState.Running.class);
    }

    @Test
    void aContainerThatHadNotBegunCanStillBeStarted() throws IOException {
        ready();
        var container = rig.container(pod, new ContainerState.Created());
        recover();
        shim.during("Create", rig::leaveShims);
        assertThatThrownBy(() -> rig.sandboxes.startContainer(container.value()))
                .isInstanceOf(ShimException.GivenUp.class);

        nextDaemon();
        recover();
        assertThat(shim.status(container.value())).as("of its task").isEqualTo(Status.UNKNOWN);
        rig.sandboxes.startContainer(container.value());
        assertThat(rig.state(container)).isInstanceOf(ContainerState.Running.class);
    }

    /** As one that has waited for its pod to be taken back, which then was not. */
    @Test
    void aContainerWhosePodIsNotTakenBackAnyMoreCanStillBeStarted() throws IOException {
        ready();
        var container = rig.container(pod, new ContainerState.Created());
        rig.leaveShims();
        assertThatThrownBy(() -> rig.sandboxes.startContainer(container.value()))
                .isInstanceOf(ShimException.GivenUp.class);
        assertThat(rig.state(container)).isEqualTo(new ContainerState.Created());
    }

    @Test
    void aContainerThatIsBeingStoppedRunsUntilItsShimSaysElse() throws IOException {
        ready();
        var container = running();
        recover();
        shim.during("Kill", rig::leaveShims);
        assertThatThrownBy(() -> rig.sandboxes.stopContainer(container.value(), 0))
                .isInstanceOf(ShimException.GivenUp.class);
        assertThat(rig.state(container)).isEqualTo(RUNNING);

        nextDaemon();
        takenBack(container);
    }

    @Test
    void limitsThatTheKernelMayHaveAreSetByTheNext() throws IOException {
        ready();
        var container = running();
        recover();
        shim.during("Update", rig::leaveShims);
        var request =
                UpdateContainerResourcesRequest.newBuilder()
                        .setContainerId(container.value())
                        .setLinux(LIMITS)
                        .build();
        assertThatThrownBy(() -> rig.sandboxes.updateContainerResources(request))
                .isInstanceOf(ShimException.GivenUp.class);

        nextDaemon();
        recover();
        var limited = rig.node.containers().find(container).orElseThrow();
        assertThat(limited.config().getLinux().getResources()).isEqualTo(LIMITS);
    }

    @Test
    void limitsThatAreBeingSetAgainAreSetByTheOneAfter() throws IOException {
        ready();
        var container = running();
        var update = new ResourceUpdate(LIMITS, Map.of());
        rig.node.containers().beginUpdate(container, update);
        shim.during("Update", rig::leaveShims);
        assertThat(recover()).isFalse();
        assertThat(rig.node.containers().updateUnderWay(container)).contains(update);
    }

    @Test
    void aCommandThatBeganWhileTheDaemonEndedIsEndedByTheNext() throws IOException {
        ready();
        var container = running();
        recover();
        shim.during("Start", rig::leaveShims);
        var request =
                ExecSyncRequest.newBuilder().setContainerId(container.value()).addCmd("sh").build();
        assertThatThrownBy(() -> rig.sandboxes.execSync(request))
                .isInstanceOf(SandboxException.Failed.class);
        var execs = execs(container);
        assertThat(execs).hasSize(1);

        nextDaemon();
        recover();
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!execs(container).isEmpty()) {
            assertThat(System.nanoTime()).as("time until it is removed").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(shim.status(container.value() + "/" + execs.getFirst()))
                .isEqualTo(Status.UNKNOWN);
    }

    /** By their FIFOs, as the next daemon knows them. */
    private List<String> execs(ContainerId container) throws IOException {
        try (var fifos = Files.list(rig.paths().io(container))) {
            return fifos.map(fifo -> String.valueOf(fifo.getFileName()))
                    .filter(name -> name.startsWith("exec-"))
                    .map(name -> name.replaceFirst("-(in|out|err)$", ""))
                    .distinct()
                    .toList();
        }
    }
}
