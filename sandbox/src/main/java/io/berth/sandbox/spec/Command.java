package io.berth.sandbox.spec;

import io.berth.cri.v1.ContainerConfig;
import io.berth.imageservice.image.ImageConfig;
import io.berth.sandbox.SandboxException;
import java.util.ArrayList;
import java.util.List;

/** What a container runs, and where. */
final class Command {
    private Command() {}

    /**
     * Kubernetes' rule: a command replaces the image's entrypoint and its cmd, args replace its cmd
     * alone.
     *
     * @throws SandboxException.InvalidRequest if that leaves nothing
     */
    static List<String> args(ContainerConfig config, ImageConfig image) {
        var args = new ArrayList<String>();
        if (config.getCommandList().isEmpty()) {
            args.addAll(entrypoint(image));
            args.addAll(config.getArgsList().isEmpty() ? image.cmd() : config.getArgsList());
        } else {
            args.addAll(config.getCommandList());
            args.addAll(config.getArgsList());
        }
        if (args.isEmpty() || args.getFirst().isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "config.command: found none, and image %s names none; wanted a command"
                            .formatted(config.getImage().getImage()));
        }
        return List.copyOf(args);
    }

    /** A list of one empty word is how an image takes back the entrypoint of its base. */
    private static List<String> entrypoint(ImageConfig image) {
        return image.entrypoint().equals(List.of("")) ? List.of() : image.entrypoint();
    }

    static String workingDirectory(ContainerConfig config, ImageConfig image) {
        var asked = config.getWorkingDir().isEmpty() ? image.workingDir() : config.getWorkingDir();
        return asked.isEmpty() ? "/" : asked;
    }
}
