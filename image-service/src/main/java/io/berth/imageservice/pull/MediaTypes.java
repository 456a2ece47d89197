package io.berth.imageservice.pull;

import java.util.Set;

/** The media types that berth reads. Source: OCI image-spec media-types.md; Docker's schema 2. */
final class MediaTypes {

    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    static final String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";

    static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
    static final Set<String> MANIFESTS = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);
    static final Set<String> CONFIGS = Set.of(OCI_CONFIG, DOCKER_CONFIG);

    static final Set<String> LAYERS =
            Set.of(
                    OCI_LAYER,
                    OCI_LAYER + "+gzip",
                    OCI_LAYER + "+zstd",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
                    "application/vnd.docker.image.rootfs.diff.tar",
                    "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    "application/vnd.docker.image.rootfs.diff.tar.zstd",
                    "application/vnd.docker.image.rootfs.foreign.diff.tar",
                    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");

    private MediaTypes() {}

    /** Docker's first format, signed or not, which no registry should serve any more. */
    static boolean isSchema1(String mediaType) {
        return mediaType.startsWith("application/vnd.docker.distribution.manifest.v1");
    }
}
