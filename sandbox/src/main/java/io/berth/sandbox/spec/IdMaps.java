package io.berth.sandbox.spec;

/** Users and groups of a user namespace, or as an id-mapped mount shows them. */
public record IdMaps(IdMap uids, IdMap gids) {}
