package io.berth.shimclient.shim;

import java.util.List;

/**
 * A mount that the shim makes on the bundle's rootfs folder when it creates the task, and unmounts
 * when it deletes it.
 *
 * @param type file system type as in mount(8): {@code overlay}, {@code bind} …
 * @param source device, folder, or a word where the type has none
 * @param options as in the fourth column of fstab(5)
 */
public record RootfsMount(String type, String source, List<String> options) {
    public RootfsMount {
        if (type.isEmpty()) {
            throw new IllegalArgumentException("rootfs mount: empty type; overlay, bind … wanted");
        }
        options = List.copyOf(options);
    }
}
