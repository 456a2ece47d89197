package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.e2e.cases.CaseDaemon;
import io.berth.e2e.cases.HostileCase;
import io.berth.e2e.cases.HostileCases;
import io.berth.e2e.node.TestNode;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases of {@code test-e2e/cases}, each on this class's node, whose heap is the smallest. */
class HostileCasesTest extends NodeTest {
    @Override
    TestNode started() throws IOException {
        var smallest = TestNode.start(Map.of("BERTH_JAVA_OPTS", "-Xmx96m"));
        HostileCases.prepare(CaseDaemon.of(smallest));
        return smallest;
    }

    static Stream<Named<HostileCase>> cases() {
        return HostileCases.all().stream().map(each -> Named.of(each.name(), each));
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("cases")
    void theDaemonDoesRight(HostileCase hostile) throws IOException {
        assertThat(HostileCases.run(hostile, CaseDaemon.of(node)))
                .as(hostile.name() + ": " + hostile.purpose())
                .isEmpty();
    }
}
