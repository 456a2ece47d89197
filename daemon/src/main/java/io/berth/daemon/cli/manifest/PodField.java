package io.berth.daemon.cli.manifest;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The fields of a pod that an environment variable can show. */
final class PodField {
    static final String WANTED =
            "metadata.name, metadata.namespace, metadata.uid, metadata.labels['KEY'],"
                    + " metadata.annotations['KEY'], status.podIP";

    private static final Pattern ENTRY =
            Pattern.compile("metadata\\.(labels|annotations)\\['([^']+)'\\]");
    private static final Set<String> PLAIN =
            Set.of("metadata.name", "metadata.namespace", "metadata.uid", "status.podIP");

    private PodField() {}

    static boolean knows(String path) {
        return PLAIN.contains(path) || ENTRY.matcher(path).matches();
    }

    /** The value of a field that is known; empty if the pod does not set it. */
    static String value(String path, ObjectMeta pod, PodIdentity identity, String podIp) {
        Matcher entry = ENTRY.matcher(path);
        if (entry.matches()) {
            Map<String, String> entries =
                    entry.group(1).equals("labels") ? pod.getLabels() : pod.getAnnotations();
            return entries == null ? "" : entries.getOrDefault(entry.group(2), "");
        }
        return switch (path) {
            case "metadata.name" -> identity.name();
            case "metadata.namespace" -> identity.namespace();
            case "metadata.uid" -> identity.uid();
            case "status.podIP" -> podIp;
            default ->
                    throw new IllegalArgumentException(
                            "field: found " + path + ", wanted one of " + WANTED);
        };
    }
}
