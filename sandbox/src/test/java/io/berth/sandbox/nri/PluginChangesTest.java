package io.berth.sandbox.nri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cri.v1.LinuxContainerResources;
import io.berth.nri.v1.CDIDevice;
import io.berth.nri.v1.Container;
import io.berth.nri.v1.ContainerAdjustment;
import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.CreateContainerRequest;
import io.berth.nri.v1.Field;
import io.berth.nri.v1.Hook;
import io.berth.nri.v1.Hooks;
import io.berth.nri.v1.KeyValue;
import io.berth.nri.v1.LinuxDevice;
import io.berth.nri.v1.LinuxNamespace;
import io.berth.nri.v1.LinuxNetDevice;
import io.berth.nri.v1.LinuxRdt;
import io.berth.nri.v1.LinuxResources;
import io.berth.nri.v1.LinuxScheduler;
import io.berth.nri.v1.LinuxSchedulerFlag;
import io.berth.nri.v1.LinuxSchedulerPolicy;
import io.berth.nri.v1.LinuxSeccomp;
import io.berth.nri.v1.Mount;
import io.berth.nri.v1.OptionalInt64;
import io.berth.nri.v1.OptionalString;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.SecurityProfile;
import io.berth.nri.v1.ValidateContainerAdjustmentRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.cdi.CdiDevices;
import io.berth.sandbox.spec.HostLimits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How plugins' changes are put together, put into the spec, and held against what is allowed. */
class PluginChangesTest {
    private static final HostLimits LIMITS =
            new HostLimits(Set.of(), -500, false, true, true, "host");
    private static final String SPEC =
            """
            {"annotations": {"old": "1"},
             "process": {"args": ["sh"], "env": ["A=1", "B=2"], "oomScoreAdj": 0},
             "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                        {"destination": "/a/b", "type": "bind", "source": "/x"}],
             "linux": {"cgroupsPath": "/pod/c",
                       "namespaces": [{"type": "mount"}, {"type": "network", "path": "/n"}],
                       "resources": {"memory": {"limit": 5, "swap": 5},
                                     "devices": [{"allow": false, "access": "rwm"}]}}}
            """;

    private final Owners owners = new Owners();

    private CreateMerge merge() {
        var container = Container.newBuilder().setId("c");
        SpecView.describe(Views.parse(SPEC.getBytes(StandardCharsets.UTF_8)), container);
        return new CreateMerge(
                CreateContainerRequest.newBuilder().setContainer(container).build(), owners);
    }

    private static ObjectNode applied(ContainerAdjustment adjust) {
        var json = (ObjectNode) Views.parse(SPEC.getBytes(StandardCharsets.UTF_8));
        var mounts = SpecMountsTest.sources();
        new SpecAdjustment(json, new Creation.Changes(LIMITS, PluginChangesTest::vendors, mounts))
                .apply(adjust);
        return json;
    }

    private static ContainerAdjustment env(String key, String value) {
        return ContainerAdjustment.newBuilder()
                .addEnv(KeyValue.newBuilder().setKey(key).setValue(value))
                .build();
    }

    private static LinuxResources memory(long limit) {
        var resources = LinuxResources.newBuilder();
        resources.getMemoryBuilder().setLimit(OptionalInt64.newBuilder().setValue(limit));
        return resources.build();
    }

    @Test
    void laterPluginsSeeWhatEarlierOnesChanged() {
        var merge = merge();
        merge.add(env("A", "9"), "10-a");
        merge.add(env("-B", ""), "20-b");
        assertThat(merge.request().getContainer().getEnvList()).containsExactly("A=9");
        assertThat(applied(merge.adjustment()).at("/process/env").toString())
                .isEqualTo("[\"A=9\"]");
    }

    @Test
    void twoThatSetTheSameContradictEachOtherUnlessOneTakesItAwayFirst() {
        var merge = merge();
        merge.add(env("A", "9"), "10-a");
        assertThatThrownBy(() -> merge.add(env("A", "8"), "20-b"))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageContaining("10-a")
                .hasMessageContaining("20-b");
        merge.add(env("-A", "").toBuilder().mergeFrom(env("A", "8")).build(), "20-b");
        assertThat(merge.adjustment().getEnvList()).containsExactly(env("A", "8").getEnv(0));
        var limits = ContainerAdjustment.newBuilder();
        limits.getLinuxBuilder().setResources(memory(7));
        merge.add(limits.build(), "10-a");
        assertThatThrownBy(() -> merge.add(limits.build(), "20-b"))
                .hasMessageContaining("MemLimit");
    }

    @Test
    void everyKindOfChangeReachesTheSpec() {
        var adjust = ContainerAdjustment.newBuilder().putAnnotations("-old", "");
        adjust.putAnnotations("new", "2").addArgs("ls");
        adjust.addMounts(Mount.newBuilder().setDestination("-/proc"));
        adjust.addMounts(
                Mount.newBuilder()
                        .setDestination("/a")
                        .setType("bind")
                        .setSource("/y")
                        .addOptions("rslave"));
        adjust.getHooksBuilder().addPoststop(Hook.newBuilder().setPath("/hook"));
        var linux = adjust.getLinuxBuilder().setResources(memory(9));
        linux.addDevices(
                LinuxDevice.newBuilder().setPath("/dev/d").setType("c").setMajor(4).setMinor(2));
        linux.addNamespaces(LinuxNamespace.newBuilder().setType("-network"));
        linux.putSysctl("net.x", "1");
        linux.setCgroupsPath("/elsewhere");
        linux.getOomScoreAdjBuilder().setValue(-900);
        linux.setSeccompPolicy(LinuxSeccomp.newBuilder().setDefaultAction("SCMP_ACT_LOG"));
        var spec = applied(adjust.build());
        assertThat(spec.at("/annotations").toString()).isEqualTo("{\"new\":\"2\"}");
        assertThat(spec.at("/process/args").toString()).isEqualTo("[\"ls\"]");
        assertThat(spec.at("/mounts").findValuesAsText("destination"))
                .containsExactly("/a", "/a/b");
        assertThat(spec.at("/linux/rootfsPropagation").asText()).isEqualTo("rslave");
        assertThat(spec.at("/hooks/poststop/0/path").asText()).isEqualTo("/hook");
        assertThat(spec.at("/linux/resources/memory").toString())
                .isEqualTo("{\"limit\":9,\"swap\":9}");
        assertThat(spec.at("/linux/devices/0/path").asText()).isEqualTo("/dev/d");
        assertThat(spec.at("/linux/resources/devices")).hasSize(2);
        assertThat(spec.at("/linux/namespaces").findValuesAsText("type")).containsExactly("mount");
        assertThat(spec.at("/linux/sysctl/net.x").asText()).isEqualTo("1");
        assertThat(spec.at("/process/oomScoreAdj").asInt()).as("clamped").isEqualTo(-500);
        assertThat(spec.at("/linux/cgroupsPath").asText()).isEqualTo("/elsewhere");
        assertThat(spec.at("/linux/seccomp/defaultAction").asText()).isEqualTo("SCMP_ACT_LOG");
    }

    @Test
    void whatIsNotHonouredIsRefusedByName() {
        var slow = ContainerAdjustment.newBuilder();
        slow.getLinuxBuilder()
                .getResourcesBuilder()
                .setBlockioClass(OptionalString.newBuilder().setValue("slow"));
        assertThatThrownBy(() -> applied(slow.build())).hasMessageContaining("blockio_class");
    }

    private static ContainerAdjustment namespace(String type) {
        var adjust = ContainerAdjustment.newBuilder();
        adjust.getLinuxBuilder().addNamespaces(LinuxNamespace.newBuilder().setType(type));
        return adjust.build();
    }

    @Test
    void whatNobodyHadSetBelongsToNobodyOnceItIsTakenAway() {
        var merge = merge();
        merge.add(env("-A", ""), "10-a");
        merge.add(env("A", "8"), "20-b");
        merge.add(ContainerAdjustment.newBuilder().putAnnotations("-old", "").build(), "10-a");
        merge.add(ContainerAdjustment.newBuilder().putAnnotations("old", "2").build(), "20-b");
        var spec = applied(merge.adjustment());
        assertThat(spec.at("/process/env").toString()).isEqualTo("[\"A=8\",\"B=2\"]");
        assertThat(spec.at("/annotations").toString()).isEqualTo("{\"old\":\"2\"}");
    }

    @Test
    void aNamespaceIsOnePluginsAloneAlsoWhereItIsTakenAway() {
        var merge = merge();
        merge.add(namespace("-network"), "10-a");
        assertThat(merge.request().getContainer().getLinux().getNamespacesList())
                .extracting(LinuxNamespace::getType)
                .containsExactly("mount");
        assertThatThrownBy(() -> merge.add(namespace("network"), "20-b"))
                .hasMessageContaining("10-a")
                .hasMessageContaining("Namespace network");
        assertThat(owners.entries("c", Field.Namespace)).containsExactly(entry("network", "10-a"));
    }

    @Test
    void validatorsFindEveryMessageAlsoWhereNothingHasChanged() {
        var merge = merge();
        assertThat(merge.unchanged()).isTrue();
        assertThat(merge.adjustment().hasHooks()).isTrue();
        assertThat(merge.adjustment().getLinux().getResources().hasMemory()).isTrue();
        assertThat(merge.adjustment().getLinux().getResources().hasCpu()).isTrue();
        assertThat(applied(merge.adjustment()))
                .isEqualTo(Views.parse(SPEC.getBytes(StandardCharsets.UTF_8)));
        merge.add(env("A", "9"), "10-a");
        assertThat(merge.unchanged()).isFalse();
    }

    @Test
    void whatThePreviousPluginsSetIsShownOfASpec() {
        var adjust = ContainerAdjustment.newBuilder();
        var linux = adjust.getLinuxBuilder();
        linux.setScheduler(
                LinuxScheduler.newBuilder()
                        .setPolicy(LinuxSchedulerPolicy.SCHED_BATCH)
                        .setNice(3)
                        .addFlags(LinuxSchedulerFlag.SCHED_FLAG_RECLAIM));
        linux.setRdt(LinuxRdt.newBuilder().setClosId(OptionalString.newBuilder().setValue("gold")));
        linux.putNetDevices("eth7", LinuxNetDevice.newBuilder().setName("in").build());
        var spec = applied(adjust.build());
        assertThat(spec.at("/process/scheduler").toString())
                .isEqualTo(
                        "{\"policy\":\"SCHED_BATCH\",\"nice\":3,"
                                + "\"flags\":[\"SCHED_FLAG_RECLAIM\"]}");
        var seen = Container.newBuilder();
        SpecView.describe(spec, seen);
        assertThat(seen.getLinux().getScheduler()).isEqualTo(linux.getScheduler());
        assertThat(seen.getLinux().getRdt().getClosId().getValue()).isEqualTo("gold");
        assertThat(seen.getLinux().getNetDevicesMap()).isEqualTo(linux.getNetDevicesMap());
        linux.setScheduler(LinuxScheduler.getDefaultInstance());
        assertThat(applied(adjust.build()).at("/process").has("scheduler")).isFalse();
    }

    @Test
    void aDeviceMayBeReadAndWrittenAndABlockDeviceMadeToo() {
        var adjust = ContainerAdjustment.newBuilder();
        for (var type : List.of("c", "b")) {
            adjust.getLinuxBuilder()
                    .addDevices(LinuxDevice.newBuilder().setPath("/dev/" + type).setType(type));
        }
        assertThat(
                        applied(adjust.build())
                                .at("/linux/resources/devices")
                                .findValuesAsText("access"))
                .containsExactly("rwm", "rw", "rwm");
    }

    @Test
    void pluginsThatAPodRequiresAreListedInYaml() {
        var rules =
                new NriSettings.Validation(
                        true, false, false, false, false, false, false, List.of(), "loose");
        var pod = PodSandbox.newBuilder();
        for (var list : List.of("[a, 'must']", "- a\n- must")) {
            pod.putAnnotations("required-plugins.noderesource.dev", list);
            assertThatThrownBy(() -> validate(rules, merge(), pod))
                    .hasMessageContaining("[a, must]");
        }
        pod.putAnnotations("required-plugins.noderesource.dev", "must");
        assertThatThrownBy(() -> validate(rules, merge(), pod)).hasMessageContaining("YAML list");
        pod.putAnnotations("loose", "maybe");
        assertThatThrownBy(() -> validate(rules, merge(), pod)).hasMessageContaining("maybe");
        pod.putAnnotations("loose", "1");
        validate(rules, merge(), pod);
    }

    @Test
    void limitsOfTheCriAreShownAlsoWhereTheyAreZero() {
        var shown = CriResources.view(LinuxContainerResources.getDefaultInstance());
        assertThat(shown.getCpu().hasShares()).isTrue();
        assertThat(shown.getCpu().hasQuota()).isTrue();
        assertThat(shown.getCpu().hasPeriod()).isTrue();
        assertThat(shown.getMemory().hasLimit()).isTrue();
        assertThat(CriResources.of(shown, 0))
                .isEqualTo(LinuxContainerResources.getDefaultInstance());
    }

    @Test
    void updatesArePutTogetherByContainer() {
        var updates = new UpdateMerge(owners);
        var one = ContainerUpdate.newBuilder().setContainerId("x");
        one.getLinuxBuilder().setResources(memory(1));
        updates.add(List.of(one.build()), "c", "10-a");
        var other = ContainerUpdate.newBuilder().setContainerId("x").setIgnoreFailure(true);
        other.getLinuxBuilder().getResourcesBuilder().getCpuBuilder().setCpus("0-1");
        updates.add(List.of(other.build()), "c", "20-b");
        other.getLinuxBuilder().setResources(memory(2));
        updates.add(List.of(other.build()), "c", "20-b");
        assertThat(updates.all()).hasSize(1);
        var merged = updates.all().getFirst().getLinux().getResources();
        assertThat(merged.getMemory().getLimit().getValue()).isEqualTo(1);
        assertThat(merged.getCpu().getCpus()).isEqualTo("0-1");
        assertThatThrownBy(() -> updates.add(List.of(one.setContainerId("c").build()), "c", "1"))
                .hasMessageContaining("being created");
    }

    @Test
    void aSynchronizationIsSplitWhereItGrowsTooLarge() {
        var pods = List.of(pod("p1"), pod("p2"), pod("p3"));
        var containers = List.of(Container.newBuilder().setId("c".repeat(50)).build());
        var messages = Synchronization.split(pods, containers, 130);
        assertThat(messages).hasSizeGreaterThan(1);
        assertThat(messages.subList(0, messages.size() - 1)).allMatch(m -> m.getMore());
        assertThat(messages.getLast().getMore()).isFalse();
        assertThat(messages.stream().flatMap(m -> m.getPodsList().stream()).toList())
                .isEqualTo(pods);
        assertThat(messages).allMatch(m -> m.getSerializedSize() <= 140);
        assertThat(Synchronization.split(List.of(), List.of(), 130)).hasSize(1);
    }

    private static PodSandbox pod(String id) {
        return PodSandbox.newBuilder().setId(id.repeat(20)).build();
    }

    private static CdiDevices vendors(List<String> names) {
        if (!names.equals(List.of("vendor.example/thing=one"))) {
            throw new SandboxException.InvalidRequest("CDI devices " + names + ": no file");
        }
        var edits = JsonNodeFactory.instance.objectNode();
        edits.putArray("env").add("VENDOR=one");
        return new CdiDevices(List.of(edits));
    }

    private static ContainerAdjustment device(String name) {
        return ContainerAdjustment.newBuilder()
                .addCDIDevices(CDIDevice.newBuilder().setName(name))
                .build();
    }

    @Test
    void devicesOfVendorsAreLookedUpAndWritten() {
        var merge = merge();
        merge.add(device("vendor.example/thing=one"), "10-a");
        assertThat(applied(merge.adjustment()).at("/process/env").toString())
                .isEqualTo("[\"A=1\",\"B=2\",\"VENDOR=one\"]");
        assertThatThrownBy(() -> applied(device("vendor.example/thing=two")))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessage(
                        "nri adjustment CDI_devices: CDI devices [vendor.example/thing=two]: no file");
    }

    @Test
    void theOperatorsRulesHold() {
        var rules =
                new NriSettings.Validation(
                        true, true, true, false, false, false, true, List.of("must"), "loose");
        var merge = merge();
        var pod = PodSandbox.newBuilder();
        assertThatThrownBy(() -> validate(rules, merge, pod)).hasMessageContaining("must");
        pod.putAnnotations("loose", "true");
        validate(rules, merge, pod);
        merge.add(
                ContainerAdjustment.newBuilder()
                        .setHooks(Hooks.newBuilder().addPrestart(Hook.getDefaultInstance()))
                        .build(),
                "10-a");
        assertThatThrownBy(() -> validate(rules, merge, pod))
                .hasMessageContaining("10-a")
                .hasMessageContaining("OCI hooks");
    }

    private void validate(NriSettings.Validation rules, CreateMerge merge, PodSandbox.Builder pod) {
        var request =
                ValidateContainerAdjustmentRequest.newBuilder()
                        .setPod(pod)
                        .setContainer(merge.request().getContainer())
                        .setAdjust(merge.adjustment());
        request.getContainerBuilder()
                .getLinuxBuilder()
                .setSeccompProfile(SecurityProfile.getDefaultInstance());
        new DefaultValidator(rules).check(request.build(), owners);
    }
}
