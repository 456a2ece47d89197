package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.settings.RuntimeOptions;
import io.berth.sandbox.spec.PassedAnnotations;
import io.berth.sandbox.spec.UnderlyingSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Lays an OCI config over what the pod's runtime handler is configured with. */
final class HandlerSpec {
    private static final int MAX_BASE_BYTES = 1 << 20;

    /** containerd's key for what a sandbox itself runs. */
    private static final String IMAGE_NAME = "io.kubernetes.cri.podsandbox.image-name";

    private final Node node;

    HandlerSpec(Node node) {
        this.node = node;
    }

    /** The config of a pod's pause process. */
    byte[] ofPod(PodSandbox sandbox, byte[] config) throws IOException {
        var options = options(sandbox);
        var annotations = new HashMap<>(passed(options, sandbox));
        annotations.put(IMAGE_NAME, node.settings().pauseImage());
        return base(sandbox, options).under(config, annotations);
    }

    /** The config of a container, which gets its pod's annotations too. */
    byte[] ofContainer(PodSandbox sandbox, Container container, byte[] config) throws IOException {
        var options = options(sandbox);
        var annotations = new HashMap<>(passed(options, sandbox));
        annotations.putAll(
                PassedAnnotations.of(options.containerAnnotations()).of(container.annotations()));
        return base(sandbox, options).under(config, annotations);
    }

    private static Map<String, String> passed(RuntimeOptions options, PodSandbox sandbox) {
        return PassedAnnotations.of(options.podAnnotations()).of(sandbox.annotations());
    }

    private RuntimeOptions options(PodSandbox sandbox) {
        return node.settings()
                .handler(sandbox.runtimeHandler())
                .map(handler -> handler.options())
                .orElse(RuntimeOptions.NONE);
    }

    private static UnderlyingSpec base(PodSandbox sandbox, RuntimeOptions options) {
        return options.baseSpec()
                .map(file -> read(sandbox.runtimeHandler(), file))
                .orElseGet(UnderlyingSpec::none);
    }

    private static UnderlyingSpec read(String handler, Path file) {
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(MAX_BASE_BYTES + 1);
            if (bytes.length > MAX_BASE_BYTES) {
                throw new IllegalArgumentException(
                        "found more than %d bytes, wanted fewer".formatted(MAX_BASE_BYTES));
            }
            return UnderlyingSpec.parse(bytes);
        } catch (IOException | IllegalArgumentException e) {
            throw new SandboxException.Failed(
                    "runtime handler '%s': base_runtime_spec %s: %s"
                            .formatted(handler, file, e.getMessage()),
                    e);
        }
    }
}
