package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A user in the words of the OCI config (runtime-spec, config.md, POSIX-platform User). */
final class ProcessUser {
    private ProcessUser() {}

    static ObjectNode json(User user) {
        var json = OciJson.object().put("uid", user.uid()).put("gid", user.gid());
        var gids = json.putArray("additionalGids");
        user.additionalGids().forEach(gids::add);
        return json;
    }
}
