package io.berth.sandbox.nri;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.berth.nri.v1.ConfigureRequest;
import io.berth.nri.v1.ConfigureResponse;
import io.berth.nri.v1.Container;
import io.berth.nri.v1.Empty;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.RegisterPluginRequest;
import io.berth.nri.v1.StateChangeEvent;
import io.berth.nri.v1.UpdateContainersRequest;
import io.berth.nri.v1.UpdateContainersResponse;
import io.berth.sandbox.SandboxException;
import io.berth.shimclient.multiplex.Multiplexer;
import io.berth.shimclient.ttrpc.StatusCode;
import io.berth.shimclient.ttrpc.TtrpcClient;
import io.berth.shimclient.ttrpc.TtrpcException;
import io.berth.shimclient.ttrpc.TtrpcMethods;
import java.io.Closeable;
import java.lang.System.Logger;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One plugin's connection. A call that is not answered in time, or ends without an answer, closes
 * the plugin, and so does an answer that is none: it counts as absent from then on.
 */
final class Plugin implements Closeable {
    private static final Logger LOG = System.getLogger(Plugin.class.getName());
    private static final String PACKAGE = "nri.pkg.api.v1alpha1.";
    private static final int PLUGIN_CHANNEL = 1;
    private static final int RUNTIME_CHANNEL = 2;

    /** How many requests of its own a plugin may have under way. */
    private static final int MAX_CALLS = 4;

    /** What a plugin can tell and ask of the node. */
    interface Listener {
        UpdateContainersResponse updateContainers(Plugin plugin, UpdateContainersRequest request);

        /** The connection has ended, whoever ended it. */
        void closed(Plugin plugin);
    }

    private final Optional<PluginName> given;
    private final NriSettings settings;
    private final CallObserver observer;
    private final Listener listener;
    private final Multiplexer multiplexer;
    private final TtrpcClient client;
    private final CompletableFuture<PluginName> registered = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Hooks that a plugin of before these calls is told of by StateChange. */
    private final Set<Hook> byStateChange = EnumSet.noneOf(Hook.class);

    private volatile @Nullable PluginName name;
    private volatile int events;

    private Plugin(
            SocketChannel socket,
            Optional<PluginName> given,
            NriSettings settings,
            CallObserver observer,
            Listener listener) {
        this.given = given;
        this.settings = settings;
        this.observer = observer;
        this.listener = listener;
        this.multiplexer = new Multiplexer(socket, "nri plugin");
        this.client = TtrpcClient.over("nri plugin", multiplexer.open(PLUGIN_CHANNEL), Map.of());
    }

    /**
     * Begins to take what the plugin says.
     *
     * @param given the name of a plugin that the node has started, which stands over its own
     */
    static Plugin over(
            SocketChannel socket,
            Optional<PluginName> given,
            NriSettings settings,
            CallObserver observer,
            Listener listener) {
        var plugin = new Plugin(socket, given, settings, observer, listener);
        var service = PACKAGE + "Runtime";
        new TtrpcMethods("nri")
                .handle(
                        service,
                        "RegisterPlugin",
                        RegisterPluginRequest.parser(),
                        (request, _) -> plugin.register(request))
                .handle(
                        service,
                        "UpdateContainers",
                        UpdateContainersRequest.parser(),
                        (request, _) -> plugin.updateContainers(request))
                .serve(plugin.multiplexer.open(RUNTIME_CHANNEL), MAX_CALLS, plugin::close);
        plugin.multiplexer.start();
        return plugin;
    }

    private Empty register(RegisterPluginRequest request) {
        try {
            var chosen =
                    given.isPresent()
                            ? given.get()
                            : new PluginName(request.getPluginIdx(), request.getPluginName());
            if (!registered.complete(chosen)) {
                throw new TtrpcException.Refused(
                        StatusCode.ALREADY_EXISTS, "this connection is registered");
            }
        } catch (IllegalArgumentException e) {
            registered.completeExceptionally(e);
            throw new TtrpcException.Refused(
                    StatusCode.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
        }
        return Empty.getDefaultInstance();
    }

    private UpdateContainersResponse updateContainers(UpdateContainersRequest request) {
        if (name == null) {
            throw new TtrpcException.Refused(
                    StatusCode.FAILED_PRECONDITION, "the plugin is not configured yet");
        }
        return listener.updateContainers(this, request);
    }

    /**
     * Waits for the registration and learns what the plugin wants to be told.
     *
     * @throws SandboxException.Failed if either does not come in time; the plugin is closed
     */
    void introduce(String config, String version) {
        try {
            var chosen =
                    registered.get(settings.registrationTimeout().toNanos(), TimeUnit.NANOSECONDS);
            var request =
                    ConfigureRequest.newBuilder()
                            .setConfig(config)
                            .setRuntimeName("berth")
                            .setRuntimeVersion(version)
                            .setRegistrationTimeout(settings.registrationTimeout().toMillis())
                            .setRequestTimeout(settings.requestTimeout().toMillis())
                            .setNRIVersion("v0.12.2")
                            .build();
            var answer =
                    client.call(
                            PACKAGE + "Plugin",
                            "Configure",
                            request,
                            ConfigureResponse.parser(),
                            settings.requestTimeout());
            int asked = answer.getEvents();
            if ((asked & ~Hook.ALL) != 0) {
                throw new SandboxException.Failed(
                        "nri plugin %s: asks for events 0x%x, of which 0x%x are known"
                                .formatted(chosen, asked, Hook.ALL));
            }
            events = asked == 0 ? Hook.ALL : asked;
            name = chosen;
        } catch (TimeoutException e) {
            close();
            throw new SandboxException.Failed(
                    "nri plugin%s: did not register within %s"
                            .formatted(shown(), settings.registrationTimeout()),
                    e);
        } catch (ExecutionException | TtrpcException e) {
            close();
            throw new SandboxException.Failed(
                    "nri plugin%s: not registered: %s".formatted(shown(), e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new SandboxException.Failed("nri plugin: interrupted", e);
        } catch (SandboxException.Failed e) {
            close();
            throw e;
        }
    }

    private String shown() {
        return given.map(each -> " " + each).orElse("");
    }

    /** Its name; only of one that has been introduced. */
    PluginName name() {
        var known = name;
        if (known == null) {
            throw new IllegalStateException("nri plugin: not registered yet");
        }
        return known;
    }

    boolean wants(Hook hook) {
        return hook.in(events) && !closed.get();
    }

    /**
     * The answer to a hook; empty if the plugin did not ask for it or is closed, also by this call.
     *
     * @throws SandboxException.Failed if the plugin refuses
     */
    <R extends MessageLite> Optional<R> ask(Hook hook, MessageLite request, Parser<R> answer) {
        return wants(hook)
                ? call(hook.method(), request, answer, settings.requestTimeout())
                : Optional.empty();
    }

    /** Tells of an event that has no answer. */
    void tell(Hook hook, PodSandbox pod, Optional<Container> container, MessageLite request) {
        if (!wants(hook)) {
            return;
        }
        boolean old;
        synchronized (byStateChange) {
            old = byStateChange.contains(hook);
        }
        if (!old) {
            try {
                var _ = call(hook.method(), request, Empty.parser(), settings.requestTimeout());
                return;
            } catch (Unimplemented unknown) {
                if (!hook.isPlainEvent()) {
                    return;
                }
                synchronized (byStateChange) {
                    byStateChange.add(hook);
                }
            }
        }
        var event = StateChangeEvent.newBuilder().setEvent(hook.event()).setPod(pod);
        container.ifPresent(event::setContainer);
        var _ = call("StateChange", event.build(), Empty.parser(), settings.requestTimeout());
    }

    /** The plugin has no such call. */
    static final class Unimplemented extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unimplemented(String message) {
            super(message);
        }
    }

    /** One call, whatever the plugin has subscribed for. */
    <R extends MessageLite> Optional<R> call(
            String method, MessageLite request, Parser<R> answer, Duration timeout) {
        long began = System.nanoTime();
        var outcome = "ok";
        try {
            return Optional.of(client.call(PACKAGE + "Plugin", method, request, answer, timeout));
        } catch (TtrpcException.Refused refused) {
            outcome = "refused";
            if (refused.code() == StatusCode.DATA_LOSS) {
                outcome = "closed";
                give(method, refused);
                return Optional.empty();
            }
            if (refused.code() == StatusCode.UNIMPLEMENTED) {
                throw new Unimplemented(String.valueOf(refused.getMessage()));
            }
            throw new SandboxException.Failed(
                    "nri plugin %s refused %s: %s".formatted(name(), method, refused.getMessage()),
                    refused);
        } catch (TtrpcException.DeadlinePassed hung) {
            outcome = "timeout";
            give(method, hung);
            return Optional.empty();
        } catch (TtrpcException.Closed gone) {
            outcome = "closed";
            give(method, gone);
            return Optional.empty();
        } catch (TtrpcException.Interrupted e) {
            outcome = "closed";
            throw new SandboxException.Failed(String.valueOf(e.getMessage()), e);
        } finally {
            observer.called(
                    name().toString(),
                    method,
                    outcome,
                    Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private void give(String method, TtrpcException why) {
        if (!closed.get()) {
            LOG.log(
                    Logger.Level.WARNING,
                    "nri plugin={0} closed: {1}: {2}",
                    name(),
                    method,
                    why.getMessage());
        }
        close();
    }

    boolean isClosed() {
        return closed.get();
    }

    /** Ends the connection; calls in progress end too. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            registered.completeExceptionally(
                    new SandboxException.Failed("its connection has ended"));
            multiplexer.close();
            client.close();
            listener.closed(this);
        }
    }
}
