package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.Capability;
import io.berth.sandbox.SandboxException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
    @Test
    void startsFromFourteenAndInheritsNone() {
        var json = Capabilities.json(Capability.getDefaultInstance(), Fixtures.limits());
        assertThat(Fixtures.texts(json.get("bounding")))
                .hasSize(14)
                .contains("CAP_CHOWN", "CAP_AUDIT_WRITE")
                .doesNotContain("CAP_SYS_ADMIN", "CAP_NET_ADMIN");
        assertThat(json.get("effective")).isEqualTo(json.get("bounding"));
        assertThat(json.get("permitted")).isEqualTo(json.get("bounding"));
        assertThat(json.get("inheritable")).isEmpty();
        assertThat(json.get("ambient")).isEmpty();
    }

    @Test
    void addsAndDropsByNameWithOrWithoutPrefix() {
        assertThat(held(List.of("net_admin", "CAP_SYS_TIME"), List.of("CHOWN")))
                .hasSize(15)
                .contains("CAP_NET_ADMIN", "CAP_SYS_TIME")
                .doesNotContain("CAP_CHOWN");
    }

    @Test
    void dropAllLeavesWhatIsAdded() {
        assertThat(held(List.of("NET_BIND_SERVICE"), List.of("ALL")))
                .containsExactly("CAP_NET_BIND_SERVICE");
    }

    @Test
    void addAllLeavesOutWhatIsDropped() {
        assertThat(held(List.of("ALL"), List.of("SYS_ADMIN")))
                .hasSize(40)
                .doesNotContain("CAP_SYS_ADMIN");
    }

    @Test
    void ambientOnesAreInEverySet() {
        var change =
                Capability.newBuilder()
                        .addDropCapabilities("ALL")
                        .addAddAmbientCapabilities("NET_RAW")
                        .build();
        var json = Capabilities.json(change, Fixtures.limits());
        for (var set : json) {
            assertThat(Fixtures.texts(set)).containsExactly("CAP_NET_RAW");
        }
    }

    @Test
    void whatTheMachineLacksIsLeftOutOfTheDefaultsAndRefusedByName() {
        var few = new HostLimits(Set.of("CAP_CHOWN"), 0, false, false, false, "n");
        var json = Capabilities.json(Capability.getDefaultInstance(), few);
        assertThat(Fixtures.texts(json.get("bounding"))).containsExactly("CAP_CHOWN");
        var change = Capability.newBuilder().addAddCapabilities("NET_ADMIN").build();
        assertThatThrownBy(() -> Capabilities.json(change, few))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "config.linux.security_context.capabilities.add_capabilities: found"
                                + " CAP_NET_ADMIN, which berth itself may not hold on this"
                                + " machine");
    }

    @Test
    void aNameThatIsNoCapabilityIsRefused() {
        assertThatThrownBy(() -> held(List.of(), List.of("FLY")))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("drop_capabilities: found 'FLY'");
    }

    @Test
    void namesFollowTheKernelsNumbers() {
        assertThat(CapabilityNames.ofMask(1L << 21)).containsExactly("CAP_SYS_ADMIN");
        assertThat(CapabilityNames.ofMask(1L << 24)).containsExactly("CAP_SYS_RESOURCE");
        assertThat(CapabilityNames.ofMask(1L << 40)).containsExactly("CAP_CHECKPOINT_RESTORE");
        assertThat(CapabilityNames.ofMask(-1L)).hasSize(41);
    }

    private static List<String> held(List<String> add, List<String> drop) {
        var change =
                Capability.newBuilder()
                        .addAllAddCapabilities(add)
                        .addAllDropCapabilities(drop)
                        .build();
        return Fixtures.texts(Capabilities.json(change, Fixtures.limits()).get("bounding"));
    }
}
