package io.berth.storage.layer;

import static io.berth.storage.layer.TarBytes.directory;
import static io.berth.storage.layer.TarBytes.file;
import static io.berth.storage.layer.TarBytes.hardLink;
import static io.berth.storage.layer.TarBytes.symlink;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tars that must be refused, each with a word that the refusal must say. */
final class HostileCorpus {
    /** A tar and what its refusal says. */
    static final class Hostile {
        private final byte[] tar;
        private final String says;

        Hostile(byte[] tar, String says) {
            this.tar = tar;
            this.says = says;
        }

        byte[] tar() {
            return tar;
        }

        String says() {
            return says;
        }
    }

    /** Small enough that a test exceeds them. */
    static final LayerLimits LIMITS =
            new LayerLimits(
                    1 << 20, 100, 1 << 16, 50, 300, 20, 8192, LayerLimits.AbsoluteNames.REFUSE);

    private HostileCorpus() {}

    /** Refused by what the tar says, whatever is on disk. */
    static Map<String, Hostile> byForm() {
        var corpus = new LinkedHashMap<String, Hostile>();
        names(corpus);
        attributes(corpus);
        limits(corpus);
        sizes(corpus);
        sparseMaps(corpus);
        damage(corpus);
        return corpus;
    }

    private static void names(Map<String, Hostile> corpus) {
        add(corpus, "climbing name", new TarBytes().add("../escape", "x"), "\"..\"");
        add(corpus, "climbing inside", new TarBytes().add("a/../../escape", "x"), "\"..\"");
        add(corpus, "absolute name", new TarBytes().add("/escape", "x"), "absolute");
        add(
                corpus,
                "climbing PAX path",
                new TarBytes().add(file("ok").pax("path", "../escape")),
                "\"..\"");
        add(
                corpus,
                "climbing GNU name",
                new TarBytes().gnuLong('L', "../../escape").add("ok", "x"),
                "\"..\"");
        add(corpus, "empty name", new TarBytes().add("", "x"), "empty path");
        add(corpus, "NUL in a PAX path", new TarBytes().add(file("f").pax("path", "a\0b")), "NUL");
        add(
                corpus,
                "hard link climbing",
                new TarBytes().add(hardLink("l", "../../etc/passwd")),
                "\"..\"");
        add(
                corpus,
                "hard link absolute",
                new TarBytes().add(hardLink("l", "/etc/passwd")),
                "absolute");
        add(corpus, "hard link to itself", new TarBytes().add(hardLink("l", "./l")), "hard link");
        add(corpus, "symlink to nothing", new TarBytes().add(symlink("l", "")), "symlink");
        add(corpus, "whiteout of ..", new TarBytes().add("d/.wh...", ""), "whiteout");
        add(corpus, "whiteout of nothing", new TarBytes().add("d/.wh.", ""), "whiteout");
        add(corpus, "whiteout as directory", new TarBytes().add(".wh.d/f", ""), "whiteout");
    }

    private static void attributes(Map<String, Hostile> corpus) {
        add(
                corpus,
                "overlay attribute",
                new TarBytes()
                        .add(directory("d").pax("SCHILY.xattr.trusted.overlay.redirect", "/x")),
                "trusted.overlay.redirect");
        add(
                corpus,
                "attribute without namespace",
                new TarBytes().add(file("f").pax("SCHILY.xattr.plain", "x")),
                "attribute");
        add(
                corpus,
                "device beyond the kernel's",
                new TarBytes().add(new TarBytes.Header("dev", '3').device(4096, 0)),
                "device");
        add(
                corpus,
                "owner nobody can be",
                new TarBytes().add(file("f").owner(0xffff_ffffL, 0)),
                "uid");
        add(corpus, "negative owner", new TarBytes().add(file("f").owner(0, -1)), "gid");
        add(corpus, "unknown type", new TarBytes().add(new TarBytes.Header("v", 'V')), "type 'V'");
    }

    private static void limits(Map<String, Hostile> corpus) {
        add(
                corpus,
                "long component",
                new TarBytes().gnuLong('L', "n".repeat(256)).add("x", ""),
                "256 bytes");
        add(
                corpus,
                "long path",
                new TarBytes().gnuLong('L', "dir/".repeat(100) + "f").add("x", ""),
                "401 bytes");
        add(
                corpus,
                "deep path",
                new TarBytes().gnuLong('L', "d/".repeat(30) + "f").add("x", ""),
                "31 directories deep");
        add(
                corpus,
                "long link",
                new TarBytes().gnuLong('K', "t/".repeat(200)).add(symlink("l", "x")),
                "400 bytes");
    }

    private static void sizes(Map<String, Hostile> corpus) {
        add(corpus, "huge declared size", new TarBytes().add(file("f").size(1L << 60)), "size");
        add(corpus, "negative size", new TarBytes().add(file("f").size(-1)), "size");
        add(
                corpus,
                "huge PAX size",
                new TarBytes().add(file("f").pax("size", "999999999999999999")),
                "size");
        add(
                corpus,
                "huge PAX header",
                new TarBytes().add(new TarBytes.Header("x", 'x').size(1L << 40)),
                "extended headers");
        var headers = new TarBytes();
        for (int i = 0; i < 20; i++) {
            headers.gnuLong('L', "n".repeat(100));
        }
        add(corpus, "many extended headers", headers.add("f", ""), "extended headers");
        var many = new TarBytes();
        for (int i = 0; i < 51; i++) {
            many.add("f" + i, "");
        }
        add(corpus, "too many members", many, "member number 51");
    }

    private static void sparseMaps(Map<String, Hostile> corpus) {
        add(
                corpus,
                "holes beyond the limit",
                new TarBytes()
                        .add(
                                file("f")
                                        .pax("GNU.sparse.map", "0,1")
                                        .pax("GNU.sparse.size", "999999999999"),
                                new byte[1]),
                "size");
        var holes = new TarBytes();
        for (int i = 0; i < 3; i++) {
            holes.add(
                    file("f" + i).pax("GNU.sparse.map", "0,1").pax("GNU.sparse.size", "500000"),
                    new byte[1]);
        }
        add(corpus, "holes in sum", holes, "in sum");
        add(
                corpus,
                "sparse map out of order",
                new TarBytes()
                        .add(
                                file("f")
                                        .pax("GNU.sparse.map", "100,5,0,5")
                                        .pax("GNU.sparse.size", "1000"),
                                new byte[10]),
                "sparse extent");
        add(
                corpus,
                "sparse map that does not add up",
                new TarBytes()
                        .add(
                                file("f")
                                        .pax("GNU.sparse.map", "0,5")
                                        .pax("GNU.sparse.size", "1000"),
                                new byte[10]),
                "sparse extents");
        add(
                corpus,
                "sparse map that never ends",
                new TarBytes()
                        .add(
                                file("f")
                                        .pax("GNU.sparse.major", "1")
                                        .pax("GNU.sparse.minor", "0")
                                        .pax("GNU.sparse.realsize", "1000"),
                                "99999999\n".getBytes(US_ASCII)),
                "sparse map");
    }

    private static void damage(Map<String, Hostile> corpus) {
        add(corpus, "bad checksum", new TarBytes().add(file("f").wrongSum()), "checksum");
        byte[] whole = new TarBytes().add("f", "x".repeat(600)).withoutEnd();
        corpus.put("cut content", new Hostile(Arrays.copyOf(whole, 700), "the end of the tar"));
        corpus.put("cut header", new Hostile(Arrays.copyOf(whole, 100), "the end of the tar"));
        corpus.put(
                "end after an extended header",
                new Hostile(new TarBytes().gnuLong('L', "name").end(), "extended header"));
        add(corpus, "one zero block", new TarBytes().raw(new byte[512]).add("f", ""), "zero block");
        add(
                corpus,
                "PAX record longer than its header",
                new TarBytes().add(new TarBytes.Header("x", 'x'), "99 path=a\n".getBytes(US_ASCII)),
                "PAX record");
        add(
                corpus,
                "PAX record without length",
                new TarBytes().add(new TarBytes.Header("x", 'x'), "path=a\n".getBytes(US_ASCII)),
                "PAX record");
        add(
                corpus,
                "PAX time of no form",
                new TarBytes().add(file("f").pax("mtime", "soon")),
                "mtime");
    }

    /** Refused when they meet what the layer has on disk by then. */
    static Map<String, Hostile> onDisk() {
        var corpus = new LinkedHashMap<String, Hostile>();
        add(
                corpus,
                "hard link to nothing",
                new TarBytes().add(hardLink("l", "absent")),
                "not there");
        add(
                corpus,
                "hard link by way of a symlink outside",
                new TarBytes()
                        .add(symlink("out", "../../victim-directory"))
                        .add(hardLink("l", "out/secret")),
                "not there");
        add(
                corpus,
                "hard link to a directory",
                new TarBytes().add(directory("d")).add(hardLink("l", "d")),
                "a directory");
        add(
                corpus,
                "hard link to a whiteout",
                new TarBytes().add(".wh.f", "").add(hardLink("l", "f")),
                "not there");
        add(
                corpus,
                "hard link to itself by way of a symlink",
                new TarBytes().add("d/f", "x").add(symlink("s", "d")).add(hardLink("s/f", "d/f")),
                "itself");
        add(
                corpus,
                "file as directory",
                new TarBytes().add("f", "x").add("f/below", "x"),
                "the file f");
        add(
                corpus,
                "FIFO as directory",
                new TarBytes().add(new TarBytes.Header("p", '6')).add("p/below", "x"),
                "the file p");
        add(
                corpus,
                "symlinks in a ring",
                new TarBytes().add(symlink("a", "b")).add(symlink("b", "a")).add("a/f", "x"),
                "ELOOP");
        return corpus;
    }

    private static void add(Map<String, Hostile> corpus, String name, TarBytes tar, String says) {
        corpus.put(name, new Hostile(tar.end(), says));
    }
}
