package io.berth.daemon.cli.manifest;

import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Pod that can be run.
 *
 * @param file where it was read from
 */
public record Manifest(Path file, Pod pod) {

    /**
     * Reads a Pod, as YAML or JSON, and holds every field against what can be honoured.
     *
     * @throws ManifestException with everything that is wrong in it
     */
    public static Manifest read(Path file) {
        var document = Document.read(file);
        var problems = new Problems(file, document.lines());
        new FieldCheck(problems).check(document.root(), "", "");
        if (!document.root().path("kind").asString("").equals("Pod")) {
            // What else is wrong in a Deployment, say, is no news.
            problems = new Problems(file, document.lines());
            problems.add(
                    "kind",
                    "found %s, wanted Pod"
                            .formatted(document.root().path("kind").asString("nothing")));
        }
        problems.refuse();
        Pod pod;
        try {
            pod = new JsonMapper().treeToValue(document.root(), Pod.class);
        } catch (JacksonException e) {
            problems.add("", "no Pod: " + e.getOriginalMessage());
            problems.refuse();
            throw new AssertionError("refused", e);
        }
        new PodCheck(problems).check(pod);
        problems.refuse();
        return new Manifest(file, pod);
    }

    /** The pod's name. */
    public String name() {
        return pod.getMetadata().getName();
    }

    /** The pod's namespace; {@code default} if it names none. */
    public String namespace() {
        var namespace = pod.getMetadata().getNamespace();
        return namespace == null ? "default" : namespace;
    }
}
