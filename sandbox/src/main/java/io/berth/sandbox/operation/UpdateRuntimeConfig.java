package io.berth.sandbox.operation;

import io.berth.cri.v1.UpdateRuntimeConfigRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.spec.FieldPolicy;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Takes the pod CIDRs that the kubelet was given. Where the operator has named a template and no
 * network is configured, the configuration is written from it, once; else there is nothing to do.
 */
final class UpdateRuntimeConfig {
    private static final Logger LOG = System.getLogger(UpdateRuntimeConfig.class.getName());

    private final Node node;

    UpdateRuntimeConfig(Node node) {
        this.node = node;
    }

    void run(UpdateRuntimeConfigRequest request) {
        FieldPolicy.check(request);
        var cidrs = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
        node.operations()
                .run(
                        new OperationKey("UpdateRuntimeConfig", cidrs),
                        "",
                        () ->
                                // Two writers of other CIDRs take turns; the second finds the file.
                                node.operations().exclusively("cni-conf", () -> configure(cidrs)));
    }

    private boolean configure(String cidrs) throws IOException {
        try {
            Optional<Path> written =
                    Operations.step(
                            "cni-conf.write", cidrs, () -> node.networks().configure(cidrs));
            written.ifPresent(
                    file ->
                            LOG.log(
                                    Logger.Level.INFO,
                                    "pod_cidr={0} network configuration written: {1}",
                                    cidrs,
                                    file));
            return written.isPresent();
        } catch (IllegalArgumentException wrong) {
            throw new SandboxException.InvalidRequest(String.valueOf(wrong.getMessage()));
        }
    }
}
