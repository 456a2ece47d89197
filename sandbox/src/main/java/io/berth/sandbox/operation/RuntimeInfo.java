package io.berth.sandbox.operation;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.settings.ShimType;
import io.berth.shim.runc.Options;
import java.util.Map;

/** Which runtime a pod has, and what its shim is told; nothing once it is configured no more. */
final class RuntimeInfo {
    private RuntimeInfo() {}

    static void put(Map<String, Object> info, Node node, String handler) {
        var known = node.settings().handler(handler);
        if (known.isEmpty()) {
            return;
        }
        info.put("runtimeType", ShimType.of(known.get().shim()).name());
        info.put("runtimeOptions", MessageInfo.of(message(node.shims().options(handler))));
    }

    private static Message message(Any options) {
        try {
            return options.getTypeUrl().equals(Options.getDescriptor().getFullName())
                    ? Options.parseFrom(options.getValue())
                    : io.berth.shim.generic.Options.parseFrom(options.getValue());
        } catch (InvalidProtocolBufferException impossible) {
            throw new SandboxException.Failed(
                    "runtime options: not readable: " + impossible.getMessage(), impossible);
        }
    }
}
