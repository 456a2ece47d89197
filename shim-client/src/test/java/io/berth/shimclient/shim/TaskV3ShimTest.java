package io.berth.shimclient.shim;

import java.nio.file.Path;

/** The 2.x shim: Task v3, answers a bootstrap JSON. */
class TaskV3ShimTest extends RuncShimContract {
    @Override
    Path shimBinary() {
        return find("BERTH_SHIM_V3", "/usr/local/lib/berth/shims/v3/containerd-shim-runc-v2");
    }

    @Override
    TaskApi version() {
        return TaskApi.V3;
    }
}
