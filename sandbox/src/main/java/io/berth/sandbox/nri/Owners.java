package io.berth.sandbox.nri;

import io.berth.nri.v1.CompoundFieldOwners;
import io.berth.nri.v1.Field;
import io.berth.nri.v1.FieldOwners;
import io.berth.nri.v1.OwningPlugins;
import io.berth.sandbox.SandboxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which plugin has set what, by container. Nobody sets what another has set, unless it takes that
 * away first.
 */
final class Owners {
    private static final String CLEARED = "-";

    /** One field, or one entry of a field that has many. */
    private record Place(String container, Field field, String key) {}

    private final Map<Place, String> owners = new LinkedHashMap<>();

    /**
     * @throws SandboxException.Failed if another plugin has it
     */
    void claim(String container, Field field, String plugin) {
        claim(container, field, "", plugin);
    }

    /** The same for one entry of a field. */
    void claim(String container, Field field, String key, String plugin) {
        var place = new Place(container, field, key);
        var holder = owners.get(place);
        if (holder != null && !holder.equals(CLEARED + plugin)) {
            throw new SandboxException.Failed(
                    "nri plugins %s and %s both set %s%s of container %s"
                            .formatted(
                                    holder.startsWith(CLEARED) ? holder.substring(1) : holder,
                                    plugin,
                                    field,
                                    key.isEmpty() ? "" : " " + key,
                                    container));
        }
        owners.put(place, plugin);
    }

    /** Takes a place away from whoever has it, for this plugin to set anew. */
    void clear(String container, Field field, String key, String plugin) {
        owners.put(new Place(container, field, key), CLEARED + plugin);
    }

    /** The same for a place that somebody has; one that is free stays free for all. */
    void release(String container, Field field, String key, String plugin) {
        owners.replace(new Place(container, field, key), CLEARED + plugin);
    }

    /** Adds a plugin to those that have a field together. */
    void share(String container, Field field, String plugin) {
        owners.merge(new Place(container, field, ""), plugin, (a, b) -> a + "," + b);
    }

    Optional<String> of(String container, Field field) {
        return Optional.ofNullable(owners.get(new Place(container, field, "")));
    }

    /** The owners of a field's entries, by key. */
    Map<String, String> entries(String container, Field field) {
        var found = new LinkedHashMap<String, String>();
        owners.forEach(
                (place, plugin) -> {
                    if (place.container().equals(container) && place.field() == field) {
                        found.put(place.key(), plugin);
                    }
                });
        return found;
    }

    OwningPlugins message() {
        var containers = new LinkedHashMap<String, FieldOwners.Builder>();
        owners.forEach(
                (place, plugin) -> {
                    var fields =
                            containers.computeIfAbsent(
                                    place.container(), _ -> FieldOwners.newBuilder());
                    int number = place.field().getNumber();
                    if (place.key().isEmpty()) {
                        fields.putSimple(number, plugin);
                    } else {
                        var none = CompoundFieldOwners.getDefaultInstance();
                        fields.putCompound(
                                number,
                                fields.getCompoundOrDefault(number, none).toBuilder()
                                        .putOwners(place.key(), plugin)
                                        .build());
                    }
                });
        var all = OwningPlugins.newBuilder();
        containers.forEach((id, fields) -> all.putOwners(id, fields.build()));
        return all.build();
    }
}
