package io.berth.sandbox.resource;

import io.berth.cni.PodNetworks;
import io.berth.cni.remains.Remains;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Removers of a pod's network: its attachment by the plugins, and its pinned namespace. */
public final class NetworkRemovers {
    private final PodNetworks networks;
    private final Remains remains;

    public NetworkRemovers(PodNetworks networks, Remains remains) {
        this.networks = networks;
        this.remains = remains;
    }

    /** DEL of every network of a pod, as its ADD was told. */
    public Remover attachments() {
        return new Remover() {
            @Override
            public void remove(Ledger.Entry entry) throws IOException {
                boolean remain = networks.mayLeaveRemains(entry.key());
                networks.detach(entry.key());
                if (remain) {
                    remains.removeOf(entry.key());
                }
            }

            @Override
            public Set<String> standing() throws IOException {
                var found = new HashSet<>(networks.attachments());
                // With the root its cache of attachments is lost; addresses and rules are not.
                found.addAll(networks.netnsPins());
                return found;
            }
        };
    }

    /** Unpins namespaces. */
    public Remover namespaces() {
        return new Remover() {
            @Override
            public void remove(Ledger.Entry entry) throws IOException {
                var id = Path.of(entry.key()).getFileName().toString();
                if (!networks.netnsPath(id).toString().equals(entry.key())) {
                    throw new IOException(
                            "netns %s: not among berth's pins, so it is not berth's to remove"
                                    .formatted(entry.key()));
                }
                networks.removeNetns(id);
            }

            @Override
            public Set<String> standing() throws IOException {
                return networks.netnsPins().stream()
                        .map(id -> networks.netnsPath(id).toString())
                        .collect(Collectors.toSet());
            }
        };
    }
}
