package io.berth.sandbox.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the OCI runtime was given, for who looks closely at one pod or container. */
final class RuntimeSpec {
    private RuntimeSpec() {}

    /** The bundle's config.json; null once the bundle has gone. */
    static JsonNode of(Path bundle) {
        var file = bundle.resolve("config.json");
        try {
            return ForeignJson.OWN.tree(Files.readAllBytes(file));
        } catch (NoSuchFileException gone) {
            return NullNode.getInstance();
        } catch (IOException unreadable) {
            throw new SandboxException.Failed(
                    "%s: not readable: %s".formatted(file, unreadable.getMessage()), unreadable);
        }
    }
}
