package io.berth.daemon.cli.manifest;

/**
 * What tells one run of a pod from all others.
 *
 * @param uid new for each run
 * @param attempt counted from 0 among pods of that name
 */
public record PodIdentity(String name, String namespace, String uid, int attempt) {}
