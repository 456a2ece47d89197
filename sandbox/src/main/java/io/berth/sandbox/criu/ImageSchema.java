package io.berth.sandbox.criu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The image files, messages and fields that berth knows; {@code criu-images.txt} lists them. */
final class ImageSchema {
    private static final String RESOURCE = "criu-images.txt";
    private static final ImageSchema BUILT_IN = load();

    private final List<ImageFile> files = new ArrayList<>();
    private final Map<String, Map<Integer, Field>> messages = new HashMap<>();

    private ImageSchema() {}

    /** How a file is built from messages. */
    enum Layout {
        ONE,
        MANY,
        FIRST,
        RAW
    }

    /**
     * A kind of image file.
     *
     * @param magic the number that the file begins with, after the common one
     * @param head the message before all others; empty if there is none
     * @param message the message of every entry; empty for raw bytes
     */
    record ImageFile(Pattern name, int magic, Layout layout, String head, String message) {}

    /** The form of a field's value. */
    enum Kind {
        U32,
        U64,
        I32,
        S32,
        S64,
        BOOL,
        F64,
        BYTES,
        MESSAGE
    }

    /**
     * A field of a message.
     *
     * @param message the name of its message, if it is one
     * @param kept whether the value is kept, or only its form is checked
     */
    record Field(String name, Kind kind, String message, boolean repeated, boolean kept) {}

    static ImageSchema builtIn() {
        return BUILT_IN;
    }

    /** Returns the kind of a file by its name without {@code .img}. */
    Optional<ImageFile> file(String name) {
        return files.stream().filter(file -> file.name().matcher(name).matches()).findFirst();
    }

    /** Returns the fields of a message by their numbers. */
    Map<Integer, Field> message(String name) {
        var fields = messages.get(name);
        if (fields == null) {
            throw new IllegalStateException(RESOURCE + ": no message " + name);
        }
        return fields;
    }

    private static ImageSchema load() {
        try (var in = ImageSchema.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + ": not among the class files");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ImageSchema parse(String text) {
        var schema = new ImageSchema();
        Map<Integer, Field> fields = new HashMap<>();
        for (var line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            var words = List.of(line.strip().split(" +", -1));
            switch (words.getFirst()) {
                case "file" -> schema.files.add(file(words));
                case "message" -> {
                    fields = new HashMap<>();
                    schema.messages.put(words.get(1), fields);
                }
                default -> fields.put(Integer.parseInt(words.getFirst()), field(words));
            }
        }
        return schema;
    }

    private static ImageFile file(List<String> words) {
        var name =
                Pattern.compile(
                        words.get(1)
                                .replace(".", "\\.")
                                .replace("#", "(0|[1-9][0-9]{0,19})")
                                .replace("@", "[0-9a-f]{1,16}"));
        int magic = Integer.parseUnsignedInt(words.get(2), 16);
        return switch (words.get(3)) {
            case "one" -> new ImageFile(name, magic, Layout.ONE, "", words.get(4));
            case "many" -> new ImageFile(name, magic, Layout.MANY, "", words.get(4));
            case "first" -> new ImageFile(name, magic, Layout.FIRST, "", words.get(4));
            case "raw" -> new ImageFile(name, magic, Layout.RAW, "", "");
            default ->
                    new ImageFile(
                            name,
                            magic,
                            Layout.MANY,
                            words.get(3).substring("head:".length()),
                            words.get(4));
        };
    }

    private static Field field(List<String> words) {
        boolean repeated = words.get(1).endsWith("*");
        var form = words.get(1).replace("*", "");
        var kind =
                switch (form) {
                    case "u32" -> Kind.U32;
                    case "u64" -> Kind.U64;
                    case "i32" -> Kind.I32;
                    case "s32" -> Kind.S32;
                    case "s64" -> Kind.S64;
                    case "bool" -> Kind.BOOL;
                    case "f64" -> Kind.F64;
                    case "bytes" -> Kind.BYTES;
                    default -> Kind.MESSAGE;
                };
        return new Field(words.get(2), kind, form, repeated, words.size() < 4);
    }
}
