package io.berth.daemon.planted.cri.v1;

/** Stands for a generated service. */
public final class PodServiceGrpc {
    private PodServiceGrpc() {}

    /** Something to call. */
    public static void bind() {}
}
