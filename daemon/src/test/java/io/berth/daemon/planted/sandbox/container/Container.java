package io.berth.daemon.planted.sandbox.container;

/** What the package before its own must not import. */
public record Container(String id) {}
