package io.berth.imageservice.image;

import org.jspecify.annotations.Nullable;

/**
 * Why an image operation did not succeed.
 *
 * <p>The message begins with the subject (an image reference, an archive or a file) and says what
 * was found and what was wanted. It never holds credentials. A failed operation has left no name
 * behind; bytes that may be resumed stay under their ingest until they are collected.
 */
public abstract sealed class ImageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private ImageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The image is in no registry that was asked, or not on this node. */
    public static final class NotFound extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject and where it was looked for. */
        public NotFound(String message) {
            super(message, null);
        }
    }

    /** No host of the registry gave an answer that can be used; trying again later may help. */
    public static final class RegistryUnavailable extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject and every attempt. */
        public RegistryUnavailable(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The registry or its token endpoint refused the credentials, or wanted some. */
    public static final class Unauthorized extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject, who refused, and whether credentials were sent. */
        public Unauthorized(String message) {
            super(message, null);
        }
    }

    /** Bytes do not have the digest or size by which they were asked for. */
    public static final class DigestMismatch extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject, the digest wanted and the digest found. */
        public DigestMismatch(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The text given is no image reference. */
    public static final class InvalidReference extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The text and the rule that it breaks. */
        public InvalidReference(String message) {
            super(message, null);
        }
    }

    /** A manifest, index or image configuration is malformed, too large or of a refused kind. */
    public static final class InvalidManifest extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject and the field or limit. */
        public InvalidManifest(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The image exists but not for the platform that was asked for. */
    public static final class NoMatchingPlatform extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject, the platform wanted and those found. */
        public NoMatchingPlatform(String message) {
            super(message, null);
        }
    }

    /** An image archive is malformed, incomplete or names what it must not. */
    public static final class InvalidArchive extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The archive's member and what is wrong with it. */
        public InvalidArchive(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A layer tries to write outside itself or to exceed a limit. */
    public static final class HostileImage extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The image, the layer, its member and the limit. */
        public HostileImage(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The image does not fit on the disk. */
    public static final class NoSpace extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject and the space wanted and found. */
        public NoSpace(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The node's own store refused; nothing is wrong with the image. */
    public static final class StoreFailed extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject and what the store said. */
        public StoreFailed(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The wait for the operation ended because the daemon stops; a retry resumes it. */
    public static final class Interrupted extends ImageException {
        private static final long serialVersionUID = 1L;

        /** The subject and its stage. */
        public Interrupted(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
