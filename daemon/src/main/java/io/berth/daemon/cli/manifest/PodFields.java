package io.berth.daemon.cli.manifest;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Every field of a Pod that {@code berth run} takes. What is not here is refused. */
final class PodFields {
    private static final String TABLE =
            """
            apiVersion TEXT
            kind TEXT
            status IRRELEVANT what a cluster once reported
            metadata OBJECT
            metadata.name TEXT
            metadata.namespace TEXT
            metadata.labels TEXT_BY_NAME
            metadata.annotations TEXT_BY_NAME
            metadata.uid IRRELEVANT every run gets its own
            metadata.creationTimestamp IRRELEVANT an API server's bookkeeping
            metadata.resourceVersion IRRELEVANT an API server's bookkeeping
            metadata.generation IRRELEVANT an API server's bookkeeping
            metadata.managedFields IRRELEVANT an API server's bookkeeping
            metadata.selfLink IRRELEVANT an API server's bookkeeping
            metadata.ownerReferences IRRELEVANT an API server's bookkeeping
            metadata.generateName IRRELEVANT an API server's bookkeeping
            spec OBJECT
            spec.affinity IRRELEVANT only a scheduler reads it
            spec.nodeName IRRELEVANT only a scheduler reads it
            spec.nodeSelector IRRELEVANT only a scheduler reads it
            spec.overhead IRRELEVANT only a scheduler reads it here
            spec.preemptionPolicy IRRELEVANT only a scheduler reads it
            spec.priority IRRELEVANT only a scheduler reads it
            spec.priorityClassName IRRELEVANT only a scheduler reads it
            spec.schedulerName IRRELEVANT only a scheduler reads it
            spec.schedulingGates IRRELEVANT only a scheduler reads it
            spec.tolerations IRRELEVANT only a scheduler reads it
            spec.topologySpreadConstraints IRRELEVANT only a scheduler reads it
            spec.automountServiceAccountToken IRRELEVANT no API server issues a token
            spec.serviceAccount IRRELEVANT no API server issues a token
            spec.serviceAccountName IRRELEVANT no API server issues a token
            spec.enableServiceLinks IRRELEVANT there are no services
            spec.dnsConfig OBJECT
            spec.dnsConfig.nameservers TEXTS
            spec.dnsConfig.searches TEXTS
            spec.dnsConfig.options OBJECTS
            spec.dnsConfig.options[].name TEXT
            spec.dnsConfig.options[].value TEXT
            spec.dnsPolicy TEXT
            spec.hostAliases OBJECTS
            spec.hostAliases[].ip TEXT
            spec.hostAliases[].hostnames TEXTS
            spec.hostIPC FLAG
            spec.hostNetwork FLAG
            spec.hostPID FLAG
            spec.hostUsers FLAG
            spec.hostname TEXT
            spec.os OBJECT
            spec.os.name TEXT
            spec.restartPolicy TEXT
            spec.runtimeClassName TEXT
            spec.shareProcessNamespace FLAG
            spec.terminationGracePeriodSeconds COUNT
            spec.securityContext OBJECT
            spec.securityContext.runAsUser COUNT
            spec.securityContext.runAsGroup COUNT
            spec.securityContext.runAsNonRoot FLAG
            spec.securityContext.supplementalGroups COUNTS
            spec.securityContext.seccompProfile OBJECT
            spec.securityContext.seccompProfile.type TEXT
            spec.securityContext.sysctls OBJECTS
            spec.securityContext.sysctls[].name TEXT
            spec.securityContext.sysctls[].value TEXT
            spec.volumes OBJECTS
            spec.volumes[].name TEXT
            spec.volumes[].emptyDir OBJECT
            spec.volumes[].emptyDir.medium TEXT
            spec.volumes[].hostPath OBJECT
            spec.volumes[].hostPath.path TEXT
            spec.volumes[].hostPath.type TEXT
            spec.containers OBJECTS
            spec.initContainers OBJECTS
            """;

    /** Fields of each container, of either list. */
    private static final String CONTAINER =
            """
            name TEXT
            image TEXT
            imagePullPolicy TEXT
            command TEXTS
            args TEXTS
            workingDir TEXT
            tty FLAG
            terminationMessagePath IRRELEVANT nobody collects termination messages
            terminationMessagePolicy IRRELEVANT nobody collects termination messages
            resizePolicy IRRELEVANT nothing is resized
            env OBJECTS
            env[].name TEXT
            env[].value TEXT
            env[].valueFrom OBJECT
            env[].valueFrom.fieldRef OBJECT
            env[].valueFrom.fieldRef.apiVersion TEXT
            env[].valueFrom.fieldRef.fieldPath TEXT
            ports OBJECTS
            ports[].name TEXT
            ports[].containerPort COUNT
            ports[].hostPort COUNT
            ports[].hostIP TEXT
            ports[].protocol TEXT
            resources OBJECT
            resources.limits AMOUNT_BY_NAME
            resources.requests AMOUNT_BY_NAME
            volumeMounts OBJECTS
            volumeMounts[].name TEXT
            volumeMounts[].mountPath TEXT
            volumeMounts[].mountPropagation TEXT
            volumeMounts[].readOnly FLAG
            securityContext OBJECT
            securityContext.allowPrivilegeEscalation FLAG
            securityContext.capabilities OBJECT
            securityContext.capabilities.add TEXTS
            securityContext.capabilities.drop TEXTS
            securityContext.privileged FLAG
            securityContext.procMount TEXT
            securityContext.readOnlyRootFilesystem FLAG
            securityContext.runAsUser COUNT
            securityContext.runAsGroup COUNT
            securityContext.runAsNonRoot FLAG
            securityContext.seccompProfile OBJECT
            securityContext.seccompProfile.type TEXT
            """;

    /** Why fields that people often set are refused, by the field's own name. */
    private static final Map<String, String> REASONS =
            Map.ofEntries(
                    Map.entry("livenessProbe", "berth run has no probes"),
                    Map.entry("readinessProbe", "berth run has no probes"),
                    Map.entry("startupProbe", "berth run has no probes"),
                    Map.entry("lifecycle", "berth run has no hooks"),
                    Map.entry("envFrom", "there is no API server to ask"),
                    Map.entry("configMapKeyRef", "there is no API server to ask"),
                    Map.entry("secretKeyRef", "there is no API server to ask"),
                    Map.entry("resourceFieldRef", "berth run has fieldRef only"),
                    Map.entry("configMap", "berth run has emptyDir and hostPath only"),
                    Map.entry("secret", "berth run has emptyDir and hostPath only"),
                    Map.entry("projected", "berth run has emptyDir and hostPath only"),
                    Map.entry("persistentVolumeClaim", "berth run has emptyDir and hostPath only"),
                    Map.entry("sizeLimit", "nothing would enforce it"),
                    Map.entry("imagePullSecrets", "pull it first: berth image pull --user"));

    private static final Map<String, FieldRule> RULES = rules();

    private PodFields() {}

    /**
     * The rule of a path whose list indices are left out, such as {@code spec.volumes[].name};
     * empty if the field is refused.
     */
    static Optional<FieldRule> rule(String path) {
        return Optional.ofNullable(RULES.get(path));
    }

    /** Why a field is refused. */
    static String refusal(String path) {
        var name = path.substring(path.lastIndexOf('.') + 1);
        return REASONS.getOrDefault(name, "berth run does not know this field");
    }

    private static Map<String, FieldRule> rules() {
        var rules = new LinkedHashMap<String, FieldRule>();
        TABLE.lines().forEach(line -> add(rules, "", line));
        CONTAINER.lines().forEach(line -> add(rules, "spec.containers[].", line));
        CONTAINER.lines().forEach(line -> add(rules, "spec.initContainers[].", line));
        return rules;
    }

    private static void add(Map<String, FieldRule> rules, String prefix, String line) {
        var cells = line.split(" ", 3);
        rules.put(prefix + cells[0], FieldRule.valueOf(cells[1]));
    }
}
