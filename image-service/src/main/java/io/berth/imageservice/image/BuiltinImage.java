package io.berth.imageservice.image;

import java.util.List;

/**
 * An image that is made of one program which the daemon carries in itself. Equal values make equal
 * bytes, so that importing one again changes nothing.
 */
public final class BuiltinImage {

    private final ImageRef name;
    private final String path;
    private final byte[] program;
    private final List<String> arguments;

    /**
     * An image {@code name} whose only file is {@code path}.
     *
     * @param name with a tag
     * @param path without a leading slash, such as {@code pause}
     * @param program a static executable
     * @param arguments given to the program after its own name
     */
    public BuiltinImage(ImageRef name, String path, byte[] program, List<String> arguments) {
        if (name.repoTag().isEmpty()) {
            throw new IllegalArgumentException("built-in image " + name + ": wanted a tag");
        }
        if (path.isEmpty() || path.startsWith("/")) {
            throw new IllegalArgumentException(
                    "built-in image "
                            + name
                            + ": path: found \""
                            + path
                            + "\", wanted a relative one");
        }
        this.name = name;
        this.path = path;
        this.program = program.clone();
        this.arguments = List.copyOf(arguments);
    }

    /** The name under which it is listed. */
    public ImageRef name() {
        return name;
    }

    /** Where the program lies, without a leading slash. */
    public String path() {
        return path;
    }

    /** A copy of the program's bytes. */
    public byte[] program() {
        return program.clone();
    }

    /** What the program is given. */
    public List<String> arguments() {
        return arguments;
    }
}
