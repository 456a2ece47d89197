package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.e2e.host.HostSnapshot;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/**
 * One node a class. After each test every pod is stopped and removed, and the host has to be as it
 * was before; after the class the daemon ends, and the host has to be as it was before that too.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class NodeTest {
    @SuppressWarnings("NullAway.Init")
    TestNode node;

    @SuppressWarnings("NullAway.Init")
    Kubelet kubelet;

    @SuppressWarnings("NullAway.Init")
    private HostSnapshot before;

    @BeforeAll
    void startNode() throws IOException {
        node = started();
        kubelet = new Kubelet(node);
        kubelet.warmUp();
    }

    /** The node of this class. */
    TestNode started() throws IOException {
        return TestNode.start();
    }

    @AfterAll
    void closeNode() throws IOException {
        if (node != null) {
            node.close();
        }
    }

    @BeforeEach
    void rememberHost() throws IOException {
        before = node.snapshot();
    }

    @AfterEach
    void hostIsAsBefore() throws IOException {
        if (!node.daemon().alive()) {
            node.restart(Map.of());
            kubelet.warmUp(); // a clean end removes what the first pod made
        }
        endAllPods();
        assertThat(node.changesSince(before)).as("what the test left on the host").isEmpty();
    }

    void endAllPods() {
        var pods =
                node.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        pods.getItemsList().forEach(pod -> kubelet.end(pod.getId()));
    }

    /** The status of a call that has to fail. */
    static Status failure(ThrowingCallable call) {
        var thrown = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(thrown).as("the call has to fail").isNotNull();
        return thrown.getStatus();
    }

    /** Asserts a call's failure: its code, and parts of its message. */
    static void fails(Status.Code code, ThrowingCallable call, String... parts) {
        var status = failure(call);
        assertThat(status.getCode()).as("%s", status).isEqualTo(code);
        for (var part : parts) {
            assertThat(status.getDescription()).contains(part);
        }
    }
}
