package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.nri.v1.LinuxSeccomp;
import io.berth.nri.v1.LinuxSeccompArg;
import io.berth.nri.v1.LinuxSyscall;
import io.berth.nri.v1.OptionalUInt32;
import java.math.BigInteger;
import java.util.List;

/** A filter of system calls in both forms (runtime-spec, config-linux.md, Seccomp). */
final class SpecSeccomp {
    private SpecSeccomp() {}

    static LinuxSeccomp view(JsonNode seccomp) {
        var view =
                LinuxSeccomp.newBuilder()
                        .setDefaultAction(seccomp.path("defaultAction").asText())
                        .addAllArchitectures(SpecView.list(seccomp.path("architectures")))
                        .addAllFlags(SpecView.list(seccomp.path("flags")))
                        .setListenerPath(seccomp.path("listenerPath").asText())
                        .setListenerMetadata(seccomp.path("listenerMetadata").asText());
        if (seccomp.has("defaultErrnoRet")) {
            view.setDefaultErrno(errno(seccomp.path("defaultErrnoRet")));
        }
        for (var rule : seccomp.path("syscalls")) {
            var call =
                    LinuxSyscall.newBuilder()
                            .addAllNames(SpecView.list(rule.path("names")))
                            .setAction(rule.path("action").asText());
            if (rule.has("errnoRet")) {
                call.setErrnoRet(errno(rule.path("errnoRet")));
            }
            for (var arg : rule.path("args")) {
                call.addArgs(
                        LinuxSeccompArg.newBuilder()
                                .setIndex(arg.path("index").asInt())
                                .setValue(arg.path("value").bigIntegerValue().longValue())
                                .setValueTwo(arg.path("valueTwo").bigIntegerValue().longValue())
                                .setOp(arg.path("op").asText()));
            }
            view.addSyscalls(call);
        }
        return view.build();
    }

    private static OptionalUInt32 errno(JsonNode value) {
        return OptionalUInt32.newBuilder().setValue(value.asInt()).build();
    }

    static ObjectNode json(LinuxSeccomp policy) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("defaultAction", policy.getDefaultAction());
        if (policy.hasDefaultErrno()) {
            json.put("defaultErrnoRet", policy.getDefaultErrno().getValue());
        }
        putList(json, "architectures", policy.getArchitecturesList());
        putList(json, "flags", policy.getFlagsList());
        if (!policy.getListenerPath().isEmpty()) {
            json.put("listenerPath", policy.getListenerPath());
            json.put("listenerMetadata", policy.getListenerMetadata());
        }
        var rules = json.putArray("syscalls");
        for (var call : policy.getSyscallsList()) {
            var rule = rules.addObject();
            putList(rule, "names", call.getNamesList());
            rule.put("action", call.getAction());
            if (call.hasErrnoRet()) {
                rule.put("errnoRet", call.getErrnoRet().getValue());
            }
            if (call.getArgsCount() > 0) {
                var args = rule.putArray("args");
                for (var arg : call.getArgsList()) {
                    args.addObject()
                            .put("index", arg.getIndex())
                            .put("value", unsigned(arg.getValue()))
                            .put("valueTwo", unsigned(arg.getValueTwo()))
                            .put("op", arg.getOp());
                }
            }
        }
        return json;
    }

    static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static void putList(ObjectNode json, String name, List<String> values) {
        if (!values.isEmpty()) {
            var array = json.putArray(name);
            values.forEach(array::add);
        }
    }
}
