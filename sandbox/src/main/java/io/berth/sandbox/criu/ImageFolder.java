package io.berth.sandbox.criu;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The image files of one checkpoint, in a folder that only the daemon can write to. Every file is
 * of a known kind; the messages of all of them are read, and those with kept fields are kept.
 *
 * <pre>
 * FILE      = COMMON MAGIC {SIZE MESSAGE}    numbers of 32 bits, the low byte first
 * inventory = MAGIC SIZE MESSAGE
 * </pre>
 */
final class ImageFolder {
    private static final int COMMON_MAGIC = 0x54564319;

    /** The one file that begins with its own number alone. */
    private static final String INVENTORY = "inventory";

    private static final String SUFFIX = ".img";

    /** The one file that is the OCI runtime's: which pipes were the container's streams. */
    private static final String DESCRIPTORS = "descriptors.json";

    private static final int MAX_DESCRIPTOR_BYTES = 64 << 10;
    private static final int MAX_FILES = 65_536;

    /** A process with the most mappings that Linux allows takes 4 MiB. */
    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    /** Bounds the time that a file takes: larger than any that a process of 64 GiB leaves. */
    private static final long MAX_FILE_BYTES = 256L << 20;

    private static final long MAX_KEPT_BYTES = 24L << 20;

    private final ImageSchema schema = ImageSchema.builtIn();
    private final ImageMessage.Budget budget = new ImageMessage.Budget(MAX_KEPT_BYTES);
    private final TreeMap<String, List<ImageMessage>> messages = new TreeMap<>();

    private ImageFolder() {}

    /**
     * Reads the files of a folder.
     *
     * @throws MalformedImage naming the file that is not known or makes no sense
     */
    static ImageFolder read(Path folder) throws IOException {
        var images = new ImageFolder();
        int count = 0;
        try (var files = Files.newDirectoryStream(folder)) {
            for (var file : files) {
                count++;
                if (count > MAX_FILES) {
                    throw new MalformedImage("found more than %d files".formatted(MAX_FILES));
                }
                images.add(file);
            }
        }
        return images;
    }

    private void add(Path file) throws IOException {
        var name = String.valueOf(file.getFileName());
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new MalformedImage(name + ": found no regular file");
        }
        if (name.equals(DESCRIPTORS)) {
            if (Files.size(file) > MAX_DESCRIPTOR_BYTES) {
                throw new MalformedImage(name + ": found more than 64 KiB");
            }
            return;
        }
        var kind =
                name.endsWith(SUFFIX)
                        ? schema.file(name.substring(0, name.length() - SUFFIX.length()))
                        : Optional.<ImageSchema.ImageFile>empty();
        if (kind.isEmpty()) {
            throw new MalformedImage(name + ": found a kind of file that berth does not know");
        }
        if (kind.get().layout() == ImageSchema.Layout.RAW) {
            return;
        }
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new MalformedImage("found more than %d bytes".formatted(MAX_FILE_BYTES));
            }
            messages.put(name, messages(kind.get(), in));
        } catch (MalformedImage malformed) {
            throw new MalformedImage(name + ": " + malformed.reason());
        }
    }

    private List<ImageMessage> messages(ImageSchema.ImageFile kind, DataInputStream in)
            throws IOException {
        boolean begins = kind.message().equals(INVENTORY) || word(in) == COMMON_MAGIC;
        if (!begins || word(in) != kind.magic()) {
            throw new MalformedImage("found other first bytes than CRIU writes");
        }
        var found = new ArrayList<ImageMessage>();
        var next = kind.head().isEmpty() ? kind.message() : kind.head();
        for (var bytes = entry(in); bytes.isPresent(); bytes = entry(in)) {
            found.add(ImageMessage.read(schema, next, bytes.get(), budget));
            next = kind.message();
            if (kind.layout() == ImageSchema.Layout.FIRST) {
                break; // what follows is the content of a file
            }
        }
        if (kind.layout() != ImageSchema.Layout.MANY && found.size() != 1) {
            throw new MalformedImage("found %d messages, wanted one".formatted(found.size()));
        }
        return found;
    }

    private static Optional<byte[]> entry(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        var rest = in.readNBytes(3);
        if (rest.length < 3) {
            throw new MalformedImage("found its end within a size");
        }
        int size = first | (rest[0] & 0xff) << 8 | (rest[1] & 0xff) << 16 | rest[2] << 24;
        if (size < 0 || size > MAX_MESSAGE_BYTES) {
            throw new MalformedImage(
                    "found a message of %s bytes, wanted %d at most"
                            .formatted(Integer.toUnsignedString(size), MAX_MESSAGE_BYTES));
        }
        var bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new MalformedImage("found its end within a message");
        }
        return Optional.of(bytes);
    }

    private static int word(DataInputStream in) throws IOException {
        try {
            return Integer.reverseBytes(in.readInt());
        } catch (EOFException e) {
            throw new MalformedImage("found fewer than 8 bytes");
        }
    }

    /** Returns the messages of a file; none if there is no such file. */
    List<ImageMessage> messages(String name) {
        return messages.getOrDefault(name + SUFFIX, List.of());
    }

    /** Returns the one message of a file. */
    ImageMessage one(String name) {
        var found = messages(name);
        if (found.isEmpty()) {
            throw new MalformedImage(name + SUFFIX + ": found none, wanted the file");
        }
        return found.getFirst();
    }

    /** Returns the messages of all files whose names begin alike. */
    List<ImageMessage> allMessages(String beginning) {
        return messages.entrySet().stream()
                .filter(each -> each.getKey().startsWith(beginning))
                .flatMap(each -> each.getValue().stream())
                .toList();
    }

    boolean has(String name) {
        return messages.containsKey(name + SUFFIX);
    }

    /** Returns the numbers in the names of the files of a kind. */
    List<Long> numbers(String kind) {
        var numbers = new TreeSet<Long>();
        for (var name : messages.keySet()) {
            if (name.startsWith(kind + "-")) {
                var number = name.substring(kind.length() + 1, name.length() - SUFFIX.length());
                if (!number.matches("[0-9]{1,18}")) {
                    continue;
                }
                numbers.add(Long.parseLong(number));
            }
        }
        return List.copyOf(numbers);
    }
}
