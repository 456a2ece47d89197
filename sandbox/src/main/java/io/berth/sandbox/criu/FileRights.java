package io.berth.sandbox.criu;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Holds the open files and sockets of saved processes against what a process of the container may
 * open: CRIU opens them with all rights.
 */
final class FileRights {
    /** The field of a file entry by the kind of file (images/fdinfo.proto). */
    private static final Map<Long, String> PARTS =
            Map.ofEntries(
                    Map.entry(1L, "reg"),
                    Map.entry(2L, "pipe"),
                    Map.entry(3L, "fifo"),
                    Map.entry(4L, "isk"),
                    Map.entry(5L, "usk"),
                    Map.entry(6L, "efd"),
                    Map.entry(7L, "epfd"),
                    Map.entry(9L, "sgfd"),
                    Map.entry(11L, "tty"),
                    Map.entry(13L, "nlsk"),
                    Map.entry(17L, "tfd"),
                    Map.entry(18L, "memfd"));

    private static final int RAW = 3;
    private static final Set<Long> IDLE = Set.of(7L, 10L); // TCP_CLOSE, TCP_LISTEN
    private static final Set<Long> TERMINALS = Set.of(1L, 4L, 5L);
    private static final long GHOST = 1;
    private static final long LINKED = 0;
    private static final Set<Long> GHOSTS = Set.of(0x8000L, 0x4000L, 0x1000L, 0xa000L);
    private static final int FIRST_FREE_PORT = 1024;

    private final WantedRights wanted;
    private final ImageFolder images;
    private final Set<String> outside;
    private final Map<Long, ImageMessage> byId = new HashMap<>();

    /**
     * @param outside the places of mounts that lead out of the container's own files
     */
    FileRights(WantedRights wanted, ImageFolder images, Set<String> outside) {
        this.wanted = wanted;
        this.images = images;
        this.outside = outside;
    }

    void check() {
        var sockets = new HashSet<Long>(Set.of(0L));
        var files = images.messages("files");
        for (var file : files) {
            file.message("usk").ifPresent(socket -> sockets.add(socket.number("ino")));
        }
        for (var file : files) {
            check(file, sockets);
        }
        for (long number : images.numbers("fdinfo")) {
            for (var open : images.messages("fdinfo-" + number)) {
                var file = byId.get(open.number("id"));
                if (file == null || file.number("type") != open.number("type")) {
                    throw TaskRights.beyond(
                            "fdinfo-%d.img".formatted(number),
                            "file %d of kind %d".formatted(open.number("id"), open.number("type")),
                            "one of files.img");
                }
            }
        }
        for (var terminal : images.messages("tty-info")) {
            if (!TERMINALS.contains(terminal.number("type"))) {
                throw TaskRights.beyond("tty-info.img: type", terminal.number("type"), TERMINALS);
            }
        }
        for (var remap : images.messages("remap-fpath")) {
            removed(remap);
        }
        ghosts();
    }

    private void check(ImageMessage file, Set<Long> sockets) {
        var part = PARTS.getOrDefault(file.number("type"), "");
        var entry = file.message(part);
        if (entry.isEmpty() || entry.get().number("id") != file.number("id")) {
            throw TaskRights.beyond(
                    "files.img: file " + file.number("id"),
                    "kind " + file.number("type"),
                    "one that berth knows: " + PARTS.values());
        }
        for (var other : PARTS.values()) {
            if (!other.equals(part) && file.has(other)) {
                throw new MalformedImage("files.img: found a file of two kinds");
            }
        }
        if (byId.put(file.number("id"), file) != null) {
            throw new MalformedImage("files.img: found two files of one id");
        }
        entry.get().message("fown").ifPresent(this::owner);
        entry.get().message("opts").ifPresent(this::options);
        switch (part) {
            case "reg" -> regular(entry.get());
            case "isk" -> internet(entry.get());
            case "usk" -> local(entry.get(), sockets);
            case "nlsk" -> {
                if (entry.get().number("protocol") != 0 && !wanted.canHave("CAP_NET_ADMIN")) {
                    throw TaskRights.beyond(
                            "netlink protocol", entry.get().number("protocol"), "0");
                }
            }
            default -> {}
        }
    }

    private static void regular(ImageMessage file) {
        var name = file.text("name");
        if (!name.startsWith("/") || (name + "/").contains("/../")) {
            throw TaskRights.beyond("files.img: name", name, "an absolute path");
        }
        if (file.number("ext") != 0) {
            throw TaskRights.beyond("files.img: " + name, "an external file", "one of its own");
        }
    }

    private void internet(ImageMessage socket) {
        if (socket.number("type") == RAW && !wanted.canHave("CAP_NET_RAW")) {
            throw TaskRights.beyond("socket", "a raw one", "none: the request has no CAP_NET_RAW");
        }
        long port = socket.number("src_port");
        if (port > 0 && port < FIRST_FREE_PORT && !wanted.canHave("CAP_NET_BIND_SERVICE")) {
            throw TaskRights.beyond("socket", "port " + port, "one above 1023");
        }
        if (!Set.of(2L, 10L).contains(socket.number("family"))) {
            throw TaskRights.beyond("socket family", socket.number("family"), "2 or 10");
        }
        if (!IDLE.contains(socket.number("state"))) {
            throw TaskRights.beyond("socket state", socket.number("state"), IDLE);
        }
    }

    private void local(ImageMessage socket, Set<Long> sockets) {
        if (socket.number("uflags") != 0) {
            throw TaskRights.beyond("unix socket: uflags", socket.number("uflags"), "0");
        }
        if (!sockets.contains(socket.number("peer"))) {
            throw TaskRights.beyond("unix socket", "a peer outside", "one of the container");
        }
        var name = socket.bytes("name");
        boolean path =
                !name.isEmpty() && !name.getFirst().isEmpty() && name.getFirst().byteAt(0) != 0;
        if (path) {
            var text = name.getFirst().toStringUtf8().replaceFirst("\\x00.*", "");
            own(
                    "unix socket",
                    socket.has("name_dir") ? socket.text("name_dir") + "/" + text : text);
        }
    }

    /** CRIU makes and removes such a file with all rights. */
    private void own(String what, String path) {
        if (!path.startsWith("/") || ("/" + path + "/").contains("/../")) {
            throw TaskRights.beyond(what, path, "an absolute path");
        }
        if (!wanted.canHave("CAP_DAC_OVERRIDE")
                && outside.stream().anyMatch(at -> path.equals(at) || path.startsWith(at + "/"))) {
            throw TaskRights.beyond(what, path, "none in a mount from outside");
        }
    }

    private void removed(ImageMessage remap) {
        long type = remap.number("remap_type", GHOST);
        if (type == LINKED) {
            throw TaskRights.beyond("remap-fpath.img: remap_type", type, GHOST);
        }
        var file = byId.get(remap.number("orig_id"));
        if (file != null && type == GHOST) {
            own("removed file", file.message("reg").map(reg -> reg.text("name")).orElse("/"));
        }
    }

    private void ghosts() {
        for (var ghost : images.allMessages("ghost-file-")) {
            long mode = ghost.number("mode");
            if (!GHOSTS.contains(mode & 0xf000)) {
                throw TaskRights.beyond("ghost file: mode", Long.toOctalString(mode), "a file");
            }
            if ((mode & 06000) != 0 && !wanted.changesUsers()) {
                throw TaskRights.beyond("ghost file: mode", Long.toOctalString(mode), "no setuid");
            }
        }
    }

    /** Whoever owns a file's signals sends them with his own rights. */
    private void owner(ImageMessage owner) {
        boolean none = owner.number("pid") == 0 && owner.number("signum") == 0;
        for (var field : List.of("uid", "euid")) {
            if (!none && !wanted.changesUsers() && owner.number(field) != wanted.uid()) {
                throw TaskRights.beyond("fown." + field, owner.number(field), wanted.uid());
            }
        }
    }

    private void options(ImageMessage options) {
        if (wanted.canHave("CAP_NET_ADMIN")) {
            return;
        }
        if (options.number("so_mark") != 0) {
            throw TaskRights.beyond("so_mark", options.number("so_mark"), "0");
        }
        if (options.number("so_priority") > 6) {
            throw TaskRights.beyond("so_priority", options.number("so_priority"), "6 at most");
        }
    }
}
