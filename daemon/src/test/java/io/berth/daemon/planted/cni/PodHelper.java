package io.berth.daemon.planted.cni;

/** A name that says nothing. */
final class PodHelper {}
