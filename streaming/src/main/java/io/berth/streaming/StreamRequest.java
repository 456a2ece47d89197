package io.berth.streaming;

import java.util.List;

/** What a one-time URL stands for. */
public sealed interface StreamRequest {
    /** The first part of the URL's path. */
    String path();

    /** What it is about, for messages. */
    String subject();

    /** A new process in a container. */
    record Exec(String containerId, List<String> command, Channels channels)
            implements StreamRequest {
        public Exec {
            command = List.copyOf(command);
        }

        @Override
        public String path() {
            return "exec";
        }

        @Override
        public String subject() {
            return "container " + containerId;
        }
    }

    /** A container's own process. */
    record Attach(String containerId, Channels channels) implements StreamRequest {
        @Override
        public String path() {
            return "attach";
        }

        @Override
        public String subject() {
            return "container " + containerId;
        }
    }

    /**
     * Ports of a pod.
     *
     * @param ports those that a client of the older WebSocket form gets; others name their own
     */
    record PortForward(String sandboxId, List<Integer> ports) implements StreamRequest {
        public PortForward {
            ports = List.copyOf(ports);
        }

        @Override
        public String path() {
            return "portforward";
        }

        @Override
        public String subject() {
            return "sandbox " + sandboxId;
        }
    }
}
