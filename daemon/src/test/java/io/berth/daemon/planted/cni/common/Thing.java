package io.berth.daemon.planted.cni.common;

/** A package whose name says nothing. */
final class Thing {}
