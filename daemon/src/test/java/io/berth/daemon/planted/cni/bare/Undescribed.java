package io.berth.daemon.planted.cni.bare;

/** A package without a package-info. */
final class Undescribed {}
