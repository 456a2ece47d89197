package io.berth.shimclient.shim;

import java.nio.file.Path;

/** Debian 12's shim: Task v2, answers a plain address. */
class TaskV2ShimTest extends RuncShimContract {
    @Override
    Path shimBinary() {
        return find(
                "BERTH_SHIM",
                "/usr/bin/containerd-shim-runc-v2",
                "/usr/local/lib/berth/shims/v2/containerd-shim-runc-v2");
    }

    @Override
    TaskApi version() {
        return TaskApi.V2;
    }
}
