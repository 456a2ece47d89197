package io.berth.e2e;

import io.berth.e2e.nri.NodePlugin;
import io.berth.nri.v1.ContainerAdjustment;
import io.berth.nri.v1.CreateContainerResponse;
import io.berth.nri.v1.LinuxMemory;
import io.berth.nri.v1.LinuxResources;
import io.berth.nri.v1.OptionalInt64;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** A node with plugins that connect to it. */
abstract class PluginTest extends NodeTest {
    static final String FOREVER = "trap 'exit 0' TERM; while :; do usleep 50000; done";
    final List<NodePlugin> plugins = new ArrayList<>();

    /** A plugin that is closed after the test; it says nothing yet. */
    NodePlugin plugin(String name) throws IOException {
        var socket = SocketChannel.open(UnixDomainSocketAddress.of(node.folders().pluginSocket()));
        var plugin = NodePlugin.over(name, socket);
        plugins.add(plugin);
        return plugin;
    }

    /** Before the pods are ended: a plugin that waits for a test would hold them up. */
    @AfterEach
    void closePlugins() throws IOException {
        for (var plugin : plugins) {
            plugin.close();
        }
        plugins.clear();
    }

    static CreateContainerResponse response(ContainerAdjustment adjust) {
        return CreateContainerResponse.newBuilder().setAdjust(adjust).build();
    }

    static LinuxResources limit(long bytes) {
        return LinuxResources.newBuilder()
                .setMemory(
                        LinuxMemory.newBuilder()
                                .setLimit(OptionalInt64.newBuilder().setValue(bytes)))
                .build();
    }
}
