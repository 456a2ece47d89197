package io.berth.sandbox.nri;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What an operator chooses about plugins.
 *
 * @param socket where plugins connect
 * @param acceptsConnections whether they may; else only those of the folder run
 * @param pluginFolder programs named {@code NN-name}, started with the daemon
 * @param configFolder {@code NN-name.conf} or {@code name.conf}, handed to a started plugin
 * @param registrationTimeout from a connection to its registration; for its synchronization too
 * @param requestTimeout for each answer
 */
public record NriSettings(
        Path socket,
        boolean acceptsConnections,
        Path pluginFolder,
        Path configFolder,
        Duration registrationTimeout,
        Duration requestTimeout,
        Validation validation) {

    /**
     * What plugins may not do to a container, whatever their intent.
     *
     * @param seccompDefault adjust the filter of one that asks for the runtime's default
     * @param seccompUnconfined adjust the filter of one that asks for none
     * @param seccompCustom adjust the filter of one that names a profile
     * @param requiredPlugins names, with or without index, without which no container is made
     * @param toleratedBy annotation of containers that are made all the same; empty for none
     */
    public record Validation(
            boolean enabled,
            boolean hooks,
            boolean seccompDefault,
            boolean seccompUnconfined,
            boolean seccompCustom,
            boolean namespaces,
            boolean sysctls,
            List<String> requiredPlugins,
            String toleratedBy) {
        public Validation {
            requiredPlugins = List.copyOf(requiredPlugins);
        }
    }
}
