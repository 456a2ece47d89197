package io.berth.daemon.cli;

import io.berth.cri.v1.Container;
import io.berth.cri.v1.PodSandbox;
import io.berth.daemon.cri.client.NodeClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What people mean by a word: an id, a name, or the beginning of an id, in this order. Pods are
 * named NAME or NAMESPACE/NAME, containers NAME, POD/NAME or NAMESPACE/POD/NAME.
 */
final class Targets {

    /** A pod or a container. */
    sealed interface Target {
        String id();

        record Pod(PodSandbox sandbox) implements Target {
            @Override
            public String id() {
                return sandbox.getId();
            }

            @Override
            public String toString() {
                return "pod %s/%s (%s)"
                        .formatted(
                                sandbox.getMetadata().getNamespace(),
                                sandbox.getMetadata().getName(),
                                shortId(id()));
            }
        }

        /**
         * A container and where it is.
         *
         * @param pod the name of its pod, with its namespace
         */
        record InPod(Container container, String pod) implements Target {
            @Override
            public String id() {
                return container.getId();
            }

            String name() {
                return container.getMetadata().getName();
            }

            @Override
            public String toString() {
                return "container %s/%s (%s)".formatted(pod, name(), shortId(id()));
            }
        }
    }

    private final List<Target.Pod> pods;
    private final List<Target.InPod> containers;

    Targets(List<PodSandbox> pods, List<Container> containers) {
        this.pods = pods.stream().map(Target.Pod::new).toList();
        Map<String, String> names =
                pods.stream()
                        .collect(
                                Collectors.toMap(
                                        PodSandbox::getId,
                                        pod ->
                                                pod.getMetadata().getNamespace()
                                                        + "/"
                                                        + pod.getMetadata().getName()));
        this.containers =
                newest(containers).stream()
                        .map(c -> new Target.InPod(c, names.getOrDefault(c.getPodSandboxId(), "")))
                        .toList();
    }

    static Targets of(NodeClient node) {
        return new Targets(node.pods(), node.containers());
    }

    /** Of a container that was started again, the last attempt alone goes by its name. */
    private static List<Container> newest(List<Container> containers) {
        return containers.stream()
                .collect(
                        Collectors.groupingBy(
                                c -> c.getPodSandboxId() + "/" + c.getMetadata().getName(),
                                Collectors.maxBy(
                                        Comparator.comparingInt(
                                                c -> c.getMetadata().getAttempt()))))
                .values()
                .stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** The pod's name with its namespace; empty if there is no such sandbox. */
    String podName(String sandboxId) {
        return pods.stream()
                .filter(pod -> pod.id().equals(sandboxId))
                .map(pod -> pod.sandbox().getMetadata())
                .map(metadata -> metadata.getNamespace() + "/" + metadata.getName())
                .findFirst()
                .orElse("");
    }

    /** The container that a word means. Throws {@link CliException} if it means none or several. */
    Target.InPod container(String word) {
        return one("container", word, containers, Targets::names);
    }

    /** The pod that a word means. Throws {@link CliException} if it means none or several. */
    Target.Pod pod(String word) {
        return one("pod", word, pods, Targets::names);
    }

    /** The pod or container that a word means. */
    Target any(String word) {
        var all = new ArrayList<Target>(pods);
        all.addAll(containers);
        return one("pod or container", word, all, Targets::names);
    }

    private static List<String> names(Target target) {
        return switch (target) {
            case Target.Pod(var sandbox) -> {
                var metadata = sandbox.getMetadata();
                yield List.of(
                        metadata.getName(), metadata.getNamespace() + "/" + metadata.getName());
            }
            case Target.InPod container -> {
                var pod = container.pod();
                yield List.of(
                        container.name(),
                        pod.substring(pod.indexOf('/') + 1) + "/" + container.name(),
                        pod + "/" + container.name());
            }
        };
    }

    private static <T extends Target> T one(
            String kind, String word, List<T> all, Function<Target, List<String>> names) {
        var found = all.stream().filter(t -> t.id().equals(word)).toList();
        if (found.isEmpty()) {
            found = all.stream().filter(t -> names.apply(t).contains(word)).toList();
        }
        if (found.isEmpty() && !word.isEmpty()) {
            found = all.stream().filter(t -> t.id().startsWith(word)).toList();
        }
        if (found.isEmpty()) {
            throw new CliException(
                    ExitCode.NOT_FOUND,
                    "%s %s: no such one here; see `berth ps -a`".formatted(kind, word));
        }
        if (found.size() > 1) {
            throw new CliException(
                    ExitCode.FAILURE,
                    "%s %s: found %d, wanted one: %s"
                            .formatted(
                                    kind,
                                    word,
                                    found.size(),
                                    found.stream()
                                            .map(Object::toString)
                                            .sorted()
                                            .collect(Collectors.joining(", "))));
        }
        return found.getFirst();
    }

    /** The first 12 digits, which tell one from another on any node. */
    static String shortId(String id) {
        var digits = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
        return digits.substring(0, Math.min(12, digits.length()));
    }
}
