package io.berth.storage.layer;

import java.io.IOException;
import java.io.InputStream;

/**
 * Says what each member of a tar means in a layer (OCI image-spec, layer.md) and tells the sink.
 * Pure: touches no file, so that it can be fuzzed without root.
 *
 * <p>An entry for the root itself changes nothing: builders pack whatever directory they worked in,
 * and its owner and mode are not the image's.
 */
final class LayerMembers {
    static final String WHITEOUT = ".wh.";
    private static final String META = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private final LayerSink sink;
    private final LayerLimits limits;
    private long entries;
    private long fileBytes;

    LayerMembers(LayerSink sink, LayerLimits limits) {
        this.sink = sink;
        this.limits = limits;
    }

    /**
     * Reads the whole stream.
     *
     * @return the number of members
     * @throws HostileLayer when the tar is damaged, or a member is refused
     */
    long read(InputStream tar) throws IOException {
        var reader = new TarReader(tar, limits);
        for (var next = reader.next(); next.isPresent(); next = reader.next()) {
            accept(next.get(), reader::read);
        }
        reader.drain();
        return entries;
    }

    private void accept(TarMember member, LayerSink.Content content) throws IOException {
        count(member);
        LayerPath path = LayerPath.of(member.name(), member.name(), limits);
        if (path.isRoot() || path.components().stream().anyMatch(LayerMembers::isAufsOwn)) {
            return;
        }
        for (String directory : path.parent().components()) {
            if (directory.startsWith(WHITEOUT)) {
                throw new HostileLayer(
                        member.name(), "a whiteout as a directory", "whiteouts as files");
            }
        }
        checkXattrs(member);
        String name = path.name();
        if (name.equals(OPAQUE)) {
            sink.opaque(path.parent(), member);
        } else if (name.startsWith(WHITEOUT)) {
            sink.whiteout(path.sibling(hidden(member, name)), member);
        } else {
            make(path, member, content);
        }
    }

    private void make(LayerPath path, TarMember member, LayerSink.Content content)
            throws IOException {
        switch (member.type()) {
            case FILE -> sink.file(path, member, content);
            case DIRECTORY -> sink.directory(path, member);
            case SYMLINK -> {
                if (member.linkName().isEmpty()) {
                    throw new HostileLayer(member.name(), "a symlink to nothing", "a target");
                }
                LayerPath.checkLength(member.name(), member.linkName(), limits.maxPathBytes());
                sink.symlink(path, member);
            }
            case HARD_LINK -> {
                LayerPath target = LayerPath.of(member.name(), member.linkName(), limits);
                if (target.isRoot() || target.equals(path)) {
                    throw new HostileLayer(
                            member.name(),
                            "a hard link to " + member.linkName(),
                            "another file of the layer");
                }
                sink.hardLink(path, target, member);
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE -> {
                checkDevice(member);
                sink.node(path, member);
            }
            case FIFO -> sink.node(path, member);
        }
    }

    private void count(TarMember member) {
        if (++entries > limits.maxEntries()) {
            throw new HostileLayer(
                    member.name(),
                    "member number %d".formatted(entries),
                    "at most %d".formatted(limits.maxEntries()));
        }
        fileBytes += member.content().sizeBytes(); // each is at most maxBytes: no overflow
        if (fileBytes > limits.maxBytes()) {
            throw new HostileLayer(
                    member.name(),
                    "files of %d bytes in sum, holes included".formatted(fileBytes),
                    "at most %d".formatted(limits.maxBytes()));
        }
    }

    /** Names that AUFS keeps for itself, such as .wh..wh.plnk; they are not of the image. */
    private static boolean isAufsOwn(String component) {
        return component.startsWith(META) && !component.equals(OPAQUE);
    }

    private static String hidden(TarMember member, String name) {
        String hidden = name.substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw new HostileLayer(member.name(), "a whiteout of \"" + hidden + "\"", "of a name");
        }
        return hidden;
    }

    /** Overlayfs's own attributes would let a layer redirect directories of other layers. */
    private static void checkXattrs(TarMember member) {
        for (String name : member.xattrs().keySet()) {
            if (name.startsWith("trusted.overlay.")) {
                throw new HostileLayer(
                        member.name(), "the attribute " + name, "none of overlayfs's own");
            }
            if (!name.matches("[a-z]+\\.[^/\\p{Cntrl}]+") || name.length() > 255) {
                throw new HostileLayer(
                        member.name(), "the attribute \"" + name + "\"", "namespace.name");
            }
        }
    }

    private static void checkDevice(TarMember member) {
        if (member.deviceMajor() < 0
                || member.deviceMajor() > 0xfff
                || member.deviceMinor() < 0
                || member.deviceMinor() > 0xfffff) {
            throw new HostileLayer(
                    member.name(),
                    "device %d:%d".formatted(member.deviceMajor(), member.deviceMinor()),
                    "at most 4095:1048575");
        }
    }
}
