package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.ContainerState;
import io.berth.e2e.cri.Audit;
import io.berth.e2e.hold.HeldPoint;
import io.berth.e2e.hold.HeldPoint.Moment;
import io.berth.e2e.hold.HeldPrograms;
import io.berth.e2e.node.TestNode;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A daemon that is killed while runc makes a container: the start is asked again and succeeds. */
class CutCreateTest extends NodeTest {
    @Override
    TestNode started() throws IOException {
        return TestNode.start(Map.of(), HeldPrograms::install);
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void aStartThatWasCutInRuncsCreateStartsWhenItIsAskedAgain(Moment moment) throws Exception {
        var held = HeldPrograms.of(node.folders());
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod, HeldPrograms.HANDLER);
        var id = kubelet.create(sandbox, pod, kubelet.shell("c", "sleep 1000").build());
        held.arm(new HeldPoint("runc", "create", 1, moment));
        var start = CompletableFuture.runAsync(() -> kubelet.start(id));
        held.awaitHeld();
        node.kill();
        assertThatThrownBy(start::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(StatusRuntimeException.class);
        held.letGo();
        node.restart(Map.of());
        kubelet.start(id);
        assertThat(kubelet.status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(kubelet.exec(id, "echo", "hi").getStdout().toStringUtf8()).isEqualTo("hi\n");
        assertThat(Audit.findings(node.client())).isEmpty();
    }
}
