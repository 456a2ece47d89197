package io.berth.sandbox.settings;

/**
 * What a shim that is not runc's is told of its handler's configuration, in containerd's generic
 * form (runtimeoptions.v1).
 *
 * @param typeUrl which kind of configuration it is; empty leaves it to the shim
 * @param configPath the shim's own configuration file; empty for none
 * @param body the handler's options as TOML, of which no more than the two above is understood here
 */
public record ShimOptions(String typeUrl, String configPath, String body) {}
