package io.berth.sandbox.operation;

import io.berth.cri.v1.NamespaceMode;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import java.util.OptionalInt;

/** The container whose pid namespace another one of its pod asks for. */
final class TargetContainer {
    private static final String FIELD = "config.linux.security_context.namespace_options.target_id";

    private TargetContainer() {}

    /**
     * The process in whose pid namespace {@code container} is to run; nothing if it names no
     * target.
     *
     * @throws SandboxException.InvalidRequest if the target is no container of the same pod
     * @throws SandboxException.WrongState if the target does not run
     */
    static OptionalInt pid(Node node, Container container) {
        var asked = container.brief().getLinux().getSecurityContext().getNamespaceOptions();
        if (asked.getPid() != NamespaceMode.TARGET) {
            return OptionalInt.empty();
        }
        var target =
                node.knownContainer(asked.getTargetId())
                        .filter(found -> !asked.getTargetId().isEmpty())
                        .filter(found -> found.sandbox().equals(container.sandbox()))
                        .orElseThrow(
                                () ->
                                        new SandboxException.InvalidRequest(
                                                "%s: found '%s', wanted a container of sandbox %s"
                                                        .formatted(
                                                                FIELD,
                                                                asked.getTargetId(),
                                                                container.sandbox())));
        if (target.state() instanceof ContainerState.Running(_, var pid, _)) {
            return OptionalInt.of(pid);
        }
        throw new SandboxException.WrongState(
                "%s: container %s is %s, a running one is wanted"
                        .formatted(FIELD, target.id(), target.state().word()));
    }
}
