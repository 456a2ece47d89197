package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.nri.v1.ContainerEviction;
import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.CreateContainerRequest;
import io.berth.nri.v1.CreateContainerResponse;
import io.berth.nri.v1.PluginInstance;
import io.berth.nri.v1.PodSandbox;
import io.berth.nri.v1.ValidateContainerAdjustmentRequest;
import io.berth.nri.v1.ValidateContainerAdjustmentResponse;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.spec.HostLimits;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;

/** One container's way through the plugins: their changes put together, and then validated. */
final class Creation {
    private static final Logger LOG = System.getLogger(Creation.class.getName());

    private final NriSettings settings;
    private final Changes changes;
    private final byte[] spec;
    private final CreateContainerRequest pristine;
    private final Owners owners = new Owners();
    private final CreateMerge merge;
    private final UpdateMerge updates = new UpdateMerge(owners);
    private final List<ContainerEviction> evictions = new ArrayList<>();

    /** What changes of a spec are made with: the host's limits and mounts, vendors' devices. */
    record Changes(HostLimits limits, DeviceSource devices, SpecMounts.Sources mounts) {}

    Creation(
            NriSettings settings,
            Changes changes,
            PodSandbox pod,
            Container container,
            byte[] spec) {
        this.settings = settings;
        this.changes = changes;
        this.spec = spec.clone();
        this.pristine =
                CreateContainerRequest.newBuilder()
                        .setPod(pod)
                        .setContainer(Views.container(container, Views.parse(spec)))
                        .build();
        this.merge = new CreateMerge(pristine, owners);
    }

    /**
     * @throws SandboxException.Failed if a plugin refuses, two contradict each other, or a
     *     validator rejects
     */
    void ask(List<Plugin> plugins) {
        var id = pristine.getContainer().getId();
        for (var plugin : plugins) {
            try {
                plugin.ask(Hook.CREATE_CONTAINER, merge.request(), CreateContainerResponse.parser())
                        .ifPresent(
                                answer -> {
                                    var name = plugin.name().toString();
                                    merge.add(answer.getAdjust(), name);
                                    updates.add(answer.getUpdateList(), id, name);
                                    evictions.addAll(answer.getEvictList());
                                });
            } catch (Plugin.Unimplemented none) {
                skipped(plugin, Hook.CREATE_CONTAINER);
            }
        }
        validate(plugins);
    }

    private void validate(List<Plugin> plugins) {
        var request =
                ValidateContainerAdjustmentRequest.newBuilder()
                        .setPod(pristine.getPod())
                        .setContainer(pristine.getContainer())
                        .setAdjust(merge.adjustment())
                        .addAllUpdate(updates.all())
                        .setOwners(owners.message());
        if (settings.validation().enabled()) {
            request.addPlugins(DefaultValidator.NAME);
        }
        for (var plugin : plugins) {
            request.addPlugins(
                    PluginInstance.newBuilder()
                            .setName(plugin.name().base())
                            .setIndex(plugin.name().index()));
        }
        var message = request.build();
        new DefaultValidator(settings.validation()).check(message, owners);
        for (var plugin : plugins) {
            if (plugin.wants(Hook.VALIDATE)) {
                validate(plugin, message);
            }
        }
    }

    private static void validate(Plugin plugin, ValidateContainerAdjustmentRequest message) {
        try {
            var answer =
                    plugin.ask(Hook.VALIDATE, message, ValidateContainerAdjustmentResponse.parser())
                            .orElseThrow(
                                    () ->
                                            new SandboxException.Failed(
                                                    "nri plugin %s: closed as it was to validate"
                                                            .formatted(plugin.name())));
            if (answer.getReject()) {
                throw new SandboxException.Failed(
                        "nri plugin %s rejects the container: %s"
                                .formatted(
                                        plugin.name(),
                                        answer.getReason().isEmpty()
                                                ? "it gives no reason"
                                                : answer.getReason()));
            }
        } catch (Plugin.Unimplemented none) {
            skipped(plugin, Hook.VALIDATE);
        }
    }

    /** It subscribed for everything, as plugins that name no events do. */
    private static void skipped(Plugin plugin, Hook hook) {
        LOG.log(Logger.Level.DEBUG, "nri plugin={0} has no {1}", plugin.name(), hook.method());
    }

    List<ContainerUpdate> updates() {
        return updates.all();
    }

    List<ContainerEviction> evictions() {
        return evictions;
    }

    /**
     * The spec with all changes.
     *
     * @throws SandboxException.Failed for a change that cannot be honoured
     */
    byte[] adjusted() {
        if (merge.unchanged()) {
            return spec.clone();
        }
        var json = (ObjectNode) Views.parse(spec);
        new SpecAdjustment(json, changes).apply(merge.adjustment());
        return Views.bytes(json);
    }
}
