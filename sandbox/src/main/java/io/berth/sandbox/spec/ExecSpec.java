package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A further process in a container, as the runtime wants it described. */
public final class ExecSpec {
    private ExecSpec() {}

    /**
     * The container's own process with another command and without a terminal: same user, rights,
     * environment and working directory.
     *
     * @param configJson the container's config.json
     * @throws IllegalStateException if config.json describes no process
     */
    public static byte[] process(byte[] configJson, List<String> command) {
        if (OciJson.parse(configJson).get("process") instanceof ObjectNode process) {
            process.set("args", OciJson.array(command));
            process.put("terminal", false);
            process.remove("consoleSize");
            return OciJson.bytes(process);
        }
        throw new IllegalStateException("config.json: found no process");
    }
}
