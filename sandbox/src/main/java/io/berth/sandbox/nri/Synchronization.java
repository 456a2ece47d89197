package io.berth.sandbox.nri;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.berth.nri.v1.Container;
import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.SynchronizeRequest;
import io.berth.nri.v1.SynchronizeResponse;
import io.berth.sandbox.SandboxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tells a new plugin of all pods and containers, in as many messages as they need. */
final class Synchronization {
    /** Somewhat less than a ttrpc message may have, which names the call too. */
    private static final int MAX_BYTES = (4 << 20) - 4096;

    private Synchronization() {}

    /**
     * Returns the updates that the plugin wants in answer.
     *
     * @param timeout for all messages together
     * @throws SandboxException.Failed if the plugin does not take part; it is closed
     */
    static List<ContainerUpdate> run(
            Plugin plugin, List<PodSandbox> pods, List<Container> containers, Duration timeout) {
        var messages = split(pods, containers, MAX_BYTES);
        long end = System.nanoTime() + timeout.toNanos();
        var updates = List.<ContainerUpdate>of();
        for (var message : messages) {
            var left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
            var answer = ask(plugin, message, left);
            if (message.getMore() && (!answer.getMore() || answer.getUpdateCount() > 0)) {
                plugin.close();
                throw new SandboxException.Failed(
                        "nri plugin %s: does not take its synchronization in %d messages"
                                .formatted(plugin.name(), messages.size()));
            }
            updates = answer.getUpdateList();
        }
        return updates;
    }

    private static SynchronizeResponse ask(
            Plugin plugin, SynchronizeRequest message, Duration left) {
        try {
            return plugin.call("Synchronize", message, SynchronizeResponse.parser(), left)
                    .orElseThrow(
                            () ->
                                    new SandboxException.Failed(
                                            "nri plugin %s: closed in its synchronization"
                                                    .formatted(plugin.name())));
        } catch (Plugin.Unimplemented none) {
            return SynchronizeResponse.newBuilder().setMore(message.getMore()).build();
        } catch (SandboxException.Failed refused) {
            plugin.close();
            throw refused;
        }
    }

    /** All but the last say that more follow. */
    static List<SynchronizeRequest> split(
            List<PodSandbox> pods, List<Container> containers, int maxBytes) {
        var messages = new ArrayList<SynchronizeRequest>();
        var next = SynchronizeRequest.newBuilder();
        int size = 0;
        for (var pod : pods) {
            if (size > 0 && size + bytes(pod) > maxBytes) {
                messages.add(next.setMore(true).build());
                next = SynchronizeRequest.newBuilder();
                size = 0;
            }
            next.addPods(pod);
            size += bytes(pod);
        }
        for (var container : containers) {
            if (size > 0 && size + bytes(container) > maxBytes) {
                messages.add(next.setMore(true).build());
                next = SynchronizeRequest.newBuilder();
                size = 0;
            }
            next.addContainers(container);
            size += bytes(container);
        }
        messages.add(next.build());
        return messages;
    }

    private static int bytes(MessageLite message) {
        return 1 + CodedOutputStream.computeMessageSizeNoTag(message);
    }
}
