package io.berth.daemon.cli.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A manifest in the CRI's words. */
final class MappingTest {
    private static final Places PLACES =
            new Places(Path.of("/l"), Path.of("/v"), Path.of("/h/hosts"));
    private static final PodIdentity IDENTITY = new PodIdentity("demo", "default", "u-1", 2);
    private static final HostFacts HOST =
            new HostFacts(1000L << 20, "nameserver 9.9.9.9\nsearch a.example\noptions ndots:2\n");

    @TempDir private Path folder = Path.of("");

    private Manifest manifest(String spec, String container) throws IOException {
        var text =
                """
                apiVersion: v1
                kind: Pod
                metadata: {name: demo, labels: {app: x}, annotations: {note: y}}
                spec:
                  volumes: [{name: data, emptyDir: {}}, {name: host, hostPath: {path: /srv}}]
                  %s
                  containers:
                  - name: web
                    image: busybox:1
                    %s
                """
                        .formatted(spec, container);
        return Manifest.read(Files.writeString(folder.resolve("pod.yaml"), text));
    }

    private ContainerConfig container(String spec, String container) throws IOException {
        var manifest = manifest(spec, container);
        return new ContainerMapping(manifest, IDENTITY, PLACES, HOST, "10.0.0.7")
                .config(manifest.pod().getSpec().getContainers().getFirst(), 3);
    }

    private PodSandboxConfig sandbox(String spec, String container) throws IOException {
        return PodMapping.sandbox(
                manifest(spec, container), IDENTITY, PLACES, HOST, Map.of("k", "v"));
    }

    @Test
    void aPodKeepsItsIdentityLabelsAndAnnotations() throws IOException {
        var pod = sandbox("", "");
        assertThat(pod.getMetadata().getAttempt()).isEqualTo(2);
        assertThat(pod.getLabelsMap())
                .containsEntry("app", "x")
                .containsEntry("io.kubernetes.pod.uid", "u-1");
        assertThat(pod.getAnnotationsMap()).containsEntry("note", "y").containsEntry("k", "v");
        assertThat(pod.getHostname()).isEqualTo("demo");
        assertThat(pod.hasDnsConfig()).isFalse();
        assertThat(pod.getLogDirectory()).isEqualTo("/l");
    }

    @Test
    void onlyHostPortsAreMappedAndNoneInTheHostsNetwork() throws IOException {
        var ports =
                "ports: [{containerPort: 80}, {containerPort: 53, hostPort: 53, protocol: UDP}]";
        var mapping = sandbox("", ports).getPortMappingsList();
        assertThat(mapping).hasSize(1);
        assertThat(mapping.getFirst().getProtocol()).isEqualTo(Protocol.UDP);
        var inHost = sandbox("hostNetwork: true", ports);
        assertThat(inHost.getPortMappingsList()).isEmpty();
        assertThat(inHost.getHostname()).isEmpty();
        assertThat(inHost.getLinux().getSecurityContext().getNamespaceOptions().getNetwork())
                .isEqualTo(NamespaceMode.NODE);
    }

    @Test
    void dnsConfigIsAddedToTheHostsOrReplacesIt() throws IOException {
        var added = sandbox("dnsConfig: {nameservers: [1.1.1.1]}", "").getDnsConfig();
        assertThat(added.getServersList()).containsExactly("9.9.9.9", "1.1.1.1");
        assertThat(added.getSearchesList()).containsExactly("a.example");
        var alone =
                sandbox(
                                "dnsPolicy: None\n  dnsConfig: {nameservers: [1.1.1.1], options:"
                                        + " [{name: ndots, value: '5'}, {name: rotate}]}",
                                "")
                        .getDnsConfig();
        assertThat(alone.getServersList()).containsExactly("1.1.1.1");
        assertThat(alone.getOptionsList()).containsExactly("ndots:5", "rotate");
    }

    @Test
    void variablesArePutInInOrderAndUnknownOnesStay() throws IOException {
        var config =
                container(
                        "",
                        """
                        command: [serve, "$(PORT)", "$$(PORT)", "$(NONE)", "a$"]
                            env:
                            - {name: PORT, value: "80"}
                            - {name: URL, value: "http://$(IP):$(PORT)"}
                            - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                            - {name: LATER, value: "$(IP)"}
                            - {name: APP, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
                            - {name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
                        """);
        assertThat(config.getCommandList())
                .containsExactly("serve", "80", "$(PORT)", "$(NONE)", "a$");
        assertThat(config.getEnvsList())
                .extracting(e -> e.getKey() + "=" + e.getValue().toStringUtf8())
                .containsExactly(
                        "PORT=80",
                        "URL=http://$(IP):80",
                        "IP=10.0.0.7",
                        "LATER=10.0.0.7",
                        "APP=x",
                        "UID=u-1");
    }

    @Test
    void volumesAreMountedAndHostsUnlessMountedOver() throws IOException {
        var mounts =
                container(
                                "",
                                "volumeMounts: [{name: data, mountPath: /d}, {name: host,"
                                        + " mountPath: /s, readOnly: true}]")
                        .getMountsList();
        assertThat(mounts)
                .extracting(
                        m -> m.getHostPath() + ":" + m.getContainerPath() + ":" + m.getReadonly())
                .containsExactly("/v/data:/d:false", "/srv:/s:true", "/h/hosts:/etc/hosts:false");
        assertThat(
                        container("", "volumeMounts: [{name: host, mountPath: /etc/hosts}]")
                                .getMountsList())
                .hasSize(1);
    }

    @Test
    void theContainersSecurityWinsOverThePods() throws IOException {
        var context =
                container(
                                "securityContext: {runAsUser: 1, runAsGroup: 2, supplementalGroups:"
                                        + " [3]}",
                                "securityContext: {runAsUser: 5, allowPrivilegeEscalation: false,"
                                        + " readOnlyRootFilesystem: true, capabilities: {drop:"
                                        + " [ALL]}}")
                        .getLinux()
                        .getSecurityContext();
        assertThat(context.getRunAsUser().getValue()).isEqualTo(5);
        assertThat(context.getRunAsGroup().getValue()).isEqualTo(2);
        assertThat(context.getSupplementalGroupsList()).containsExactly(3L);
        assertThat(context.getNoNewPrivs()).isTrue();
        assertThat(context.getReadonlyRootfs()).isTrue();
        assertThat(context.getCapabilities().getDropCapabilitiesList()).containsExactly("ALL");
        assertThat(context.getMaskedPathsList()).contains("/proc/kcore");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | 2 | 0 | 0 | 1000",
                "{limits: {cpu: 500m, memory: 100Mi}} | 512 | 50000 | 104857600 | -997",
                "{requests: {cpu: '1'}} | 1024 | 0 | 0 | 999",
                "{requests: {memory: 250Mi}} | 2 | 0 | 0 | 750",
                "{limits: {cpu: 1m}} | 2 | 1000 | 0 | 999",
                "{limits: {memory: 1e6}, requests: {memory: 1M}} | 2 | 0 | 1000000 | 999"
            })
    void resourcesBecomeTheKernelsUnits(
            String resources, long shares, long quota, long memory, long score) throws IOException {
        var linux = container("", "resources: " + resources).getLinux().getResources();
        assertThat(linux.getCpuShares()).isEqualTo(shares);
        assertThat(linux.getCpuQuota()).isEqualTo(quota);
        assertThat(linux.getMemoryLimitInBytes()).isEqualTo(memory);
        assertThat(linux.getOomScoreAdj()).isEqualTo(score);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1000",
        "0.5, 500",
        ".5, 500",
        "100m, 100",
        "1k, 1000000",
        "1Ki, 1024000",
        "2e3, 2000000",
        "1n, 1",
        "1E, 9223372036854775807"
    })
    void amountsAreRoundedUp(String text, long thousandths) {
        assertThat(Amount.parse(text).orElseThrow().thousandths()).isEqualTo(thousandths);
    }

    @ParameterizedTest
    @CsvSource({"''", "-1", "1x", "1 Mi", "Mi", "1e999", "0x10", "1.2.3"})
    void whatIsNoAmountIsNone(String text) {
        assertThat(Amount.parse(text)).isEmpty();
    }

    @Test
    void hostsNameThePodAndItsAliases() throws IOException {
        var manifest = manifest("hostAliases: [{ip: 1.2.3.4, hostnames: [a, b]}]", "");
        var sandbox = PodMapping.sandbox(manifest, IDENTITY, PLACES, HOST, Map.of());
        assertThat(PodMapping.hosts(manifest, sandbox, "10.0.0.7"))
                .contains("127.0.0.1 localhost\n", "10.0.0.7 demo\n", "1.2.3.4 a b\n");
    }
}
