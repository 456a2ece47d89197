package io.berth.cni;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A pod network that could not be made, checked or removed. The message names the network or pod,
 * the plugin, what was found and what to do.
 */
public abstract sealed class CniException extends RuntimeException {

    private CniException(String message) {
        super(message);
    }

    /** No usable network configuration is loaded; nothing was attempted. */
    public static final class NotConfigured extends CniException {
        public NotConfigured(String message) {
            super(message);
        }
    }

    /** A plugin binary named by the configuration is in none of the plugin folders. */
    public static final class PluginMissing extends CniException {
        private final String plugin;

        public PluginMissing(String plugin, String message) {
            super(message);
            this.plugin = plugin;
        }

        /** The plugin's type, which is its file name. */
        public String plugin() {
            return plugin;
        }
    }

    /** A plugin ran and reported an error, or could not be run. */
    public static final class PluginFailed extends CniException {
        private final String plugin;
        private final int code;
        private final String problem;
        private final String details;

        public PluginFailed(
                String plugin, int code, String problem, String details, String message) {
            super(message);
            this.plugin = plugin;
            this.code = code;
            this.problem = problem;
            this.details = details;
        }

        /** The plugin's type, which is its file name. */
        public String plugin() {
            return plugin;
        }

        /** The code of the CNI error answer (section 5 of the specification); 0 if it gave none. */
        public int code() {
            return code;
        }

        /** The {@code msg} of the CNI error answer, or what was found instead of one. */
        public String problem() {
            return problem;
        }

        /** The {@code details} of the CNI error answer; may be empty. */
        public String details() {
            return details;
        }
    }

    /** A plugin reported success with an answer that cannot be used. */
    public static final class MalformedResult extends CniException {
        private final String plugin;

        public MalformedResult(String plugin, String message) {
            super(message);
            this.plugin = plugin;
        }

        /** The plugin's type, which is its file name. */
        public String plugin() {
            return plugin;
        }
    }

    /** A plugin did not end by its deadline and was killed. */
    public static final class TimedOut extends CniException {
        private final String plugin;
        private final Duration after;

        public TimedOut(String plugin, Duration after, String message) {
            super(message);
            this.plugin = plugin;
            this.after = after;
        }

        /** The plugin's type, which is its file name. */
        public String plugin() {
            return plugin;
        }

        /** How long the plugin was given. */
        public Duration after() {
            return after;
        }
    }

    /**
     * Some plugins of a pod's networks have not confirmed DEL. Every plugin was tried; what has
     * been undone stays undone, and detaching again later is the remedy.
     */
    public static final class DetachIncomplete extends CniException {
        private final List<CniException> failures;

        public DetachIncomplete(String sandboxId, List<CniException> failures) {
            super(
                    "pod "
                            + sandboxId
                            + ": network not removed: "
                            + failures.stream()
                                    .map(CniException::getMessage)
                                    .collect(Collectors.joining("; ")));
            this.failures = List.copyOf(failures);
            failures.forEach(this::addSuppressed);
        }

        /** One failure a plugin, in the order tried (the last plugin of the chain first). */
        public List<CniException> failures() {
            return failures;
        }
    }
}
