package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.berth.shim.generic.Options;

/**
 * What a shim that is not runc's is told, as containerd tells it: a file, or else all that the
 * node's configuration says.
 *
 * @param typeUrl what kind of configuration it is; empty leaves it to the shim
 * @param configPath its file; empty for none
 * @param body TOML, told where there is no file
 */
public record GenericOptions(String typeUrl, String configPath, String body) {
    public Any toAny() {
        var options = Options.newBuilder().setTypeUrl(typeUrl).setConfigPath(configPath);
        if (configPath.isEmpty()) {
            options.setConfigBody(ByteString.copyFromUtf8(body));
        }
        return Any.newBuilder()
                .setTypeUrl(Options.getDescriptor().getFullName())
                .setValue(options.build().toByteString())
                .build();
    }
}
