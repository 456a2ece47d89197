package io.berth.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cni.owed.FailedAdd;
import io.berth.linux.step.Beside;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Runs the plugins of one attachment in order (SPEC.md, section 3). Keeps nothing. */
final class Chains {
    private static final Logger LOG = System.getLogger(Chains.class.getName());

    /** Code 3: "the runtime does not need to perform any container network cleanup". */
    private static final int CONTAINER_UNKNOWN = 3;

    /** How plugins say that the namespace they would clean up is gone, and its content with it. */
    private static final Pattern NETNS_GONE =
            Pattern.compile("(?is).*(netns|namespace|statfs).*no such file or directory.*");

    /** In a version that every loopback plugin in use speaks. */
    private static final NetworkConf LOOPBACK =
            NetworkConf.ofPlugin(
                    Json.newObject()
                            .put("name", "berth-loopback")
                            .put("cniVersion", "0.3.1")
                            .put("type", "loopback"));

    private final Plugins plugins;

    Chains(Plugins plugins) {
        this.plugins = plugins;
    }

    /**
     * @throws CniException.PluginMissing a plugin that the attachment would need
     */
    void requireAll(CachedAttachment attachment) {
        plugins.requireAll(attachment.subject(), LOOPBACK);
        plugins.requireAll(attachment.subject(), attachment.network());
    }

    /**
     * Brings lo up by the {@code loopback} plugin, as nodes have it today: it also reports the
     * addresses of lo and needs no native code of ours. It leaves nothing outside the namespace, so
     * it is neither cached nor undone, and goes on beside the caller until that closes it.
     */
    Beside loopback(String sandboxId, Path netns) {
        var call =
                new CachedAttachment(
                        sandboxId,
                        "lo",
                        netns,
                        LOOPBACK,
                        Capabilities.of(sandboxId),
                        new CachedAttachment.Origin(Optional.empty(), Instant.EPOCH),
                        CachedAttachment.Outcome.OPEN);
        return new Beside("cni-lo-" + sandboxId).start(() -> add(call, _ -> {}));
    }

    /** Hears of an ADD that a plugin answered with an error, before it is thrown. */
    interface FailureListener {
        void failed(FailedAdd failure) throws IOException;
    }

    /**
     * ADD of every plugin in order, each with the result of the one before.
     *
     * @throws CniException the first failure; the plugins before it have done their part, and
     *     {@link #del} undoes it
     */
    CniResult add(CachedAttachment attachment, FailureListener listener) throws IOException {
        var network = attachment.network();
        Optional<CniResult> previous = Optional.empty();
        for (int i = 0; i < network.plugins().size(); i++) {
            var plugin = network.plugins().get(i);
            var call = call(Verb.ADD, attachment, plugin, attachment.netns().toString(), previous);
            byte[] stdout;
            try {
                stdout = plugins.run(call);
            } catch (CniException.PluginFailed failed) {
                listener.failed(new FailedAdd(i, answer(failed)));
                throw failed;
            }
            try {
                previous = Optional.of(ResultParser.parse(stdout, network.version()));
            } catch (IllegalArgumentException malformed) {
                throw new CniException.MalformedResult(
                        plugin.type(),
                        "%s: malformed result: %s; stdout \"%s\""
                                .formatted(
                                        call.name(), malformed.getMessage(), Excerpt.of(stdout)));
            }
        }
        return previous.orElseThrow();
    }

    /**
     * What a result gives the pod.
     *
     * @throws CniException.MalformedResult if that is no address
     */
    static NetworkResult forPod(CachedAttachment attachment, CniResult result) {
        var forPod = result.forPod(attachment.interfaceName());
        if (forPod.ips().isEmpty()) {
            throw new CniException.MalformedResult(
                    attachment.network().plugins().getLast().type(),
                    "%s: found no address for %s in the result, wanted one: %s"
                            .formatted(
                                    attachment.subject(),
                                    attachment.interfaceName(),
                                    Excerpt.of(forPod.json())));
        }
        return forPod;
    }

    /**
     * DEL of every plugin, last first, each tried whatever became of the others.
     *
     * @param pinned whether the pod's network namespace is still there
     * @return the failures by the plugin's place in the chain, last plugin first; empty when all is
     *     undone
     */
    SortedMap<Integer, CniException> del(CachedAttachment attachment, boolean pinned) {
        var failures = new TreeMap<Integer, CniException>(Comparator.reverseOrder());
        var netns = pinned ? attachment.netns().toString() : "";
        var previous =
                attachment.network().version().isAtLeast(CniVersion.WITH_CHECK)
                        ? attachment.result()
                        : Optional.<CniResult>empty();
        var chain = attachment.network().plugins();
        for (int i = chain.size() - 1; i >= 0; i--) {
            var plugin = chain.get(i);
            try {
                plugins.run(call(Verb.DEL, attachment, plugin, netns, previous));
            } catch (CniException.PluginFailed failed) {
                if (isAbsence(failed, pinned)) {
                    LOG.log(Level.DEBUG, () -> "already gone: " + failed.getMessage());
                } else {
                    failures.put(i, failed);
                }
            } catch (CniException failed) {
                failures.put(i, failed);
            }
        }
        return failures;
    }

    /** A plugin's answer as it is remembered; a plugin that did not answer has none. */
    static FailedAdd.Answer answer(CniException failure) {
        return failure instanceof CniException.PluginFailed failed
                ? new FailedAdd.Answer(failed.code(), failed.problem())
                : new FailedAdd.Answer(0, "");
    }

    /**
     * CHECK of every plugin in order; nothing for versions before 0.4.0 and where it is disabled.
     *
     * @throws CniException the first failure
     */
    void check(CachedAttachment attachment) {
        var network = attachment.network();
        if (network.disableCheck() || !network.version().isAtLeast(CniVersion.WITH_CHECK)) {
            return;
        }
        for (var plugin : network.plugins()) {
            var netns = attachment.netns().toString();
            plugins.run(call(Verb.CHECK, attachment, plugin, netns, attachment.result()));
        }
    }

    private static boolean isAbsence(CniException.PluginFailed failed, boolean pinned) {
        if (failed.code() == CONTAINER_UNKNOWN) {
            return true;
        }
        var text = failed.problem() + " " + failed.details();
        return !pinned && NETNS_GONE.matcher(text).matches();
    }

    private PluginCall call(
            Verb verb,
            CachedAttachment attachment,
            PluginConf plugin,
            String netns,
            Optional<CniResult> previous) {
        var network = attachment.network();
        var subject = attachment.subject();
        var input = Plugins.input(network, plugin);
        var runtime = runtimeConfig(plugin, attachment.capabilities());
        if (!runtime.isEmpty()) {
            input.set("runtimeConfig", runtime);
        }
        previous.ifPresent(result -> input.set("prevResult", result.asPrevious(network.version())));
        return new PluginCall(
                verb,
                subject,
                plugin.type(),
                plugins.find(subject, plugin.type()),
                Map.of(
                        PluginCall.ID_VARIABLE,
                        attachment.sandboxId(),
                        "CNI_NETNS",
                        netns,
                        "CNI_IFNAME",
                        attachment.interfaceName(),
                        "CNI_ARGS",
                        attachment.capabilities().cniArgs()),
                input);
    }

    /** The capability arguments that this plugin declares, of those that are offered. */
    private static ObjectNode runtimeConfig(PluginConf plugin, Capabilities capabilities) {
        var runtime = Json.newObject();
        for (var name : plugin.capabilities()) {
            var argument = capabilities.arguments().get(name);
            if (argument != null) {
                runtime.set(name, argument.deepCopy());
            }
        }
        return runtime;
    }
}
