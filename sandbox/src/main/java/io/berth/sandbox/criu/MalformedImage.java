package io.berth.sandbox.criu;

/** Says what is wrong with an image file; {@link SavedRights} adds which file it is. */
final class MalformedImage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedImage(String message) {
        super(message);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
