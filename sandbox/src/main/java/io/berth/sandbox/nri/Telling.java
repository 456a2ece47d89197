package io.berth.sandbox.nri;

import com.google.protobuf.MessageLite;
import io.berth.linux.step.Steps;
import io.berth.nri.v1.Container;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.RunPodSandboxRequest;
import io.berth.nri.v1.StartContainerRequest;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** Takes one hook to all plugins that asked for it, as a step; whoever calls has the turn. */
final class Telling {
    private static final Logger LOG = System.getLogger(Telling.class.getName());

    private final Roster roster;
    private final World world;

    Telling(Roster roster, World world) {
        this.roster = roster;
        this.world = world;
    }

    /** One plugin's part in a hook. */
    interface Teller {
        void tell(Plugin plugin);
    }

    /** All requests about a pod that have no answer have the same form. */
    private Teller podTeller(io.berth.sandbox.sandbox.PodSandbox pod, Hook hook) {
        var view = lazily(() -> world.view(pod));
        return plugin ->
                plugin.tell(
                        hook,
                        view.get(),
                        Optional.empty(),
                        RunPodSandboxRequest.newBuilder().setPod(view.get()).build());
    }

    /** All requests about a container that have no answer have the same form. */
    private Teller containerTeller(io.berth.sandbox.container.Container container, Hook hook) {
        return containerTeller(container, hook, lazily(() -> world.view(container)));
    }

    private Teller containerTeller(
            io.berth.sandbox.container.Container container, Hook hook, Supplier<Container> view) {
        Supplier<PodSandbox> pod = lazily(() -> world.podOf(container));
        return plugin ->
                plugin.tell(
                        hook,
                        pod.get(),
                        Optional.of(view.get()),
                        StartContainerRequest.newBuilder()
                                .setPod(pod.get())
                                .setContainer(view.get())
                                .build());
    }

    /** Tells of a pod; stops at the first plugin that refuses. */
    void each(Hook hook, io.berth.sandbox.sandbox.PodSandbox pod) {
        each(hook, pod.id().value(), podTeller(pod, hook));
    }

    /** Tells of a container; stops at the first plugin that refuses. */
    void each(Hook hook, io.berth.sandbox.container.Container container) {
        each(hook, container.id().value(), containerTeller(container, hook));
    }

    /** Tells of a container whose process waits; stops at the first plugin that refuses. */
    void starting(io.berth.sandbox.container.Container container, int pid) {
        var view = lazily(() -> world.view(container).toBuilder().setPid(pid).build());
        var hook = Hook.START_CONTAINER;
        each(hook, container.id().value(), containerTeller(container, hook, view));
    }

    /** Tells of a pod; who refuses is logged. */
    void quietly(Hook hook, io.berth.sandbox.sandbox.PodSandbox pod) {
        eachQuietly(hook, pod.id().value(), podTeller(pod, hook));
    }

    /** Tells of a container; who refuses is logged. */
    void quietly(Hook hook, io.berth.sandbox.container.Container container) {
        eachQuietly(hook, container.id().value(), containerTeller(container, hook));
    }

    /** Stops at the first plugin that refuses. */
    void each(Hook hook, String subject, Teller teller) {
        if (roster.all().stream().noneMatch(plugin -> plugin.wants(hook))) {
            return;
        }
        step(hook, subject, () -> roster.all().forEach(plugin -> ask(hook, plugin, teller)));
    }

    /** Who refuses is logged. */
    void eachQuietly(Hook hook, String subject, Teller teller) {
        try {
            each(
                    hook,
                    subject,
                    plugin -> {
                        try {
                            teller.tell(plugin);
                        } catch (SandboxException refused) {
                            LOG.log(
                                    Logger.Level.WARNING,
                                    "nri {0} {1}: {2}",
                                    hook.method(),
                                    subject,
                                    refused.getMessage());
                        }
                    });
        } catch (SandboxException failed) {
            LOG.log(
                    Logger.Level.WARNING,
                    "nri {0} {1}: {2}",
                    hook.method(),
                    subject,
                    failed.getMessage());
        }
    }

    private static void ask(Hook hook, Plugin plugin, Teller teller) {
        if (!plugin.wants(hook)) {
            return;
        }
        try {
            teller.tell(plugin);
        } catch (Plugin.Unimplemented none) {
            LOG.log(Logger.Level.DEBUG, "nri plugin={0} has no {1}", plugin.name(), hook.method());
        }
    }

    static void step(Hook hook, String subject, Runnable body) {
        var name = "nri." + hook.name().toLowerCase(Locale.ROOT).replace('_', '-');
        try {
            Steps.run(name, subject, body::run);
        } catch (IOException e) {
            throw new SandboxException.Failed(
                    "%s %s: %s".formatted(name, subject, e.getMessage()), e);
        }
    }

    /** A view that is only made if some plugin is to see it. */
    static <M extends MessageLite> Supplier<M> lazily(Supplier<M> make) {
        return new Supplier<>() {
            private Optional<M> made = Optional.empty();

            @Override
            public M get() {
                if (made.isEmpty()) {
                    made = Optional.of(make.get());
                }
                return made.get();
            }
        };
    }
}
