package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.sandbox.checkpoint.SavedContainer;
import java.lang.System.Logger;
import java.util.TreeSet;

/**
 * Completes a request that names a checkpoint as its image by what the checkpoint has: the image
 * that it builds on, the command and the working folder where the request names none, and the
 * environment, which is the process's own. What else the request asks for must be as it was saved.
 */
final class SavedRequest {
    private static final Logger LOG = System.getLogger(SavedRequest.class.getName());

    private SavedRequest() {}

    static ContainerConfig complete(ContainerConfig asked, SavedContainer saved) {
        var image = asked.getImage().toBuilder().setImage(saved.image().name());
        var config = asked.toBuilder().setImage(image);
        var process = saved.spec().path("process");
        if (asked.getCommandCount() == 0 && asked.getArgsCount() == 0) {
            process.path("args").forEach(word -> config.addCommand(word.asText()));
        }
        if (asked.getWorkingDir().isEmpty()) {
            config.setWorkingDir(process.path("cwd").asText(""));
        }
        config.clearEnvs();
        for (var entry : process.path("env")) {
            var text = entry.asText();
            int equals = text.indexOf('=');
            if (equals > 0) {
                config.addEnvsBuilder()
                        .setKey(text.substring(0, equals))
                        .setValue(ByteString.copyFromUtf8(text.substring(equals + 1)));
            }
        }
        tell(asked, config, saved);
        return config.build();
    }

    /** The kubelet adds variables that come and go with services; a process cannot have them. */
    private static void tell(
            ContainerConfig asked, ContainerConfig.Builder config, SavedContainer saved) {
        var dropped = new TreeSet<String>();
        for (var variable : asked.getEnvsList()) {
            if (!config.getEnvsList().contains(variable)) {
                dropped.add(variable.getKey());
            }
        }
        if (!dropped.isEmpty()) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container {0}: keeps the environment that it was saved with; the request has"
                            + " other values of {1}",
                    saved.name(),
                    dropped);
        }
    }
}
