package io.berth.daemon.cli.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read from a manifest, and what is refused, with its line. */
final class ManifestTest {
    @TempDir private Path folder = Path.of("");

    private Manifest read(String text) throws IOException {
        return Manifest.read(Files.writeString(folder.resolve("pod.yaml"), text));
    }

    private ManifestException refused(String text) throws IOException {
        var file = Files.writeString(folder.resolve("pod.yaml"), text);
        var failure = catchThrowableOfType(ManifestException.class, () -> Manifest.read(file));
        assertThat(failure).as(text).isNotNull();
        return failure;
    }

    /** A pod whose spec and only container have one field more each. */
    private static String pod(String spec, String container) {
        return """
        apiVersion: v1
        kind: Pod
        metadata: {name: demo}
        spec:
          %s
          containers:
          - name: web
            image: busybox:1
            %s
        """
                .formatted(spec.isEmpty() ? "hostname: demo" : spec, container);
    }

    @Test
    void yamlAndJsonAreReadAlike() throws IOException {
        var json =
                "{\n\t\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"demo\"},\n"
                        + "\t\"spec\": {\"hostname\": \"demo\", \"containers\": [{\"name\": \"web\","
                        + " \"image\": \"busybox:1\", \"tty\": true}]}}";
        assertThat(read(json).pod()).isEqualTo(read(pod("", "tty: true")).pod());
        assertThat(read(json).namespace()).isEqualTo("default");
    }

    @Test
    void whatOnlyASchedulerReadsIsTaken() throws IOException {
        assertThat(read(pod("nodeSelector: {disk: ssd}", "")).name()).isEqualTo("demo");
        assertThat(read(pod("tolerations: [{operator: Exists}]", "")).name()).isEqualTo("demo");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "livenessProbe: {tcpSocket: {port: 1}} | spec.containers[0].livenessProbe: berth run has no probes; remove it",
                "lifecycle: {} | spec.containers[0].lifecycle: berth run has no hooks; remove it",
                "envFrom: [] | spec.containers[0].envFrom: there is no API server to ask; remove it",
                "stdin: true | spec.containers[0].stdin: berth run does not know this field; remove it",
                "tty: 'yes' | spec.containers[0].tty: found \"yes\", wanted true or false",
                "env: [{name: A, value: 1}] | spec.containers[0].env[0].value: found 1, wanted a text; quote it if it looks like something else",
                "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}] | spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: found spec.nodeName, wanted one of",
                "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}] | spec.containers[0].env[0].valueFrom.resourceFieldRef: berth run has fieldRef only",
                "resources: {limits: {cpu: 1x}} | spec.containers[0].resources.limits.cpu: found 1x, wanted an amount",
                "resources: {limits: {nvidia.com/gpu: 1}} | spec.containers[0].resources.limits.nvidia.com/gpu: berth run knows cpu and memory only",
                "volumeMounts: [{name: x, mountPath: /x}] | spec.containers[0].volumeMounts[0].name: found x, wanted a name from spec.volumes",
                "ports: [{containerPort: 70000}] | spec.containers[0].ports[0].containerPort: found 70000, wanted 1 to 65535",
                "securityContext: {privileged: true} | spec.containers[0].securityContext.privileged: found true, which berth cannot honour yet",
                "securityContext: {seccompProfile: {type: RuntimeDefault}} | spec.containers[0].securityContext.seccompProfile.type: found RuntimeDefault, wanted Unconfined",
                "securityContext: {runAsNonRoot: true} | spec.containers[0].securityContext.runAsNonRoot: found true with runAsUser null",
                "imagePullPolicy: Sometimes | spec.containers[0].imagePullPolicy: found Sometimes, wanted Always or IfNotPresent or Never"
            })
    void aContainersFieldIsRefusedByNameAndLine(String field, String message) throws IOException {
        assertThat(refused(pod("", field)).problems())
                .singleElement()
                .asString()
                .startsWith(folder.resolve("pod.yaml") + ":9: " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "volumes: [{name: v, secret: {secretName: s}}] | spec.volumes[0].secret: berth run has emptyDir and hostPath only",
                "volumes: [{name: v, emptyDir: {medium: Memory}}] | spec.volumes[0].emptyDir.medium: found Memory, wanted the default",
                "volumes: [{name: v}] | spec.volumes[0]: found no source",
                "volumes: [{name: v, hostPath: {path: x}}] | spec.volumes[0].hostPath.path: found x, wanted an absolute path",
                "volumes: [{name: v, hostPath: {path: /x, type: Socket}}] | spec.volumes[0].hostPath.type: found Socket, wanted DirectoryOrCreate",
                "hostUsers: false | spec.hostUsers: found false, which berth cannot honour yet",
                "dnsPolicy: ClusterFirst | spec.dnsPolicy: found ClusterFirst, wanted Default or None",
                "activeDeadlineSeconds: 3 | spec.activeDeadlineSeconds: berth run does not know this field",
                "imagePullSecrets: [] | spec.imagePullSecrets: pull it first",
                "restartPolicy: Maybe | spec.restartPolicy: found Maybe, wanted Always or OnFailure or Never"
            })
    void aPodsFieldIsRefusedByNameAndLine(String field, String message) throws IOException {
        assertThat(refused(pod(field, "")).problems())
                .anySatisfy(
                        problem ->
                                assertThat(problem)
                                        .startsWith(folder.resolve("pod.yaml") + ":5: " + message));
    }

    @Test
    void allProblemsAreToldAtOnceInTheOrderOfTheirLines() throws IOException {
        var failure = refused(pod("subdomain: x", "lifecycle: {}"));
        assertThat(failure.problems()).hasSize(2);
        assertThat(failure).hasMessageContaining(":5: spec.subdomain").hasMessageContaining(":9: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: [1 | not YAML",
                "'kind: Pod\n---\nkind: Pod' | found 2 documents, wanted one Pod",
                "'' | found 0 documents, wanted one Pod",
                "[] | found no fields, wanted a Pod",
                "kind: Deployment | kind: found Deployment, wanted Pod",
                "'kind: Pod\nkind: Pod' | kind: found twice",
                "'a: &a [*a]' | found more than"
            })
    void whatIsNoPodIsRefused(String text, String message) throws IOException {
        assertThat(refused(text)).hasMessageContaining(message);
    }
}
