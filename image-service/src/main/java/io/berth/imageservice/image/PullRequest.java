package io.berth.imageservice.image;

import java.util.Optional;

/**
 * What a client asks to be pulled. Equal requests, credentials included, are one pull.
 *
 * @param reference as the client wrote it: short, tagged or by digest
 * @param auth what to prove oneself with; empty pulls anonymously
 * @param platform {@code os/architecture}, chosen from an index
 * @param snapshotter who is to have its layers; empty for the standard one
 */
public record PullRequest(
        String reference,
        Optional<Credentials> auth,
        String platform,
        Optional<String> snapshotter) {

    /** The only platform of this runtime so far. */
    public static final String LINUX_AMD64 = "linux/amd64";

    /** Checks that the platform is one that this node can run. */
    public PullRequest {
        if (!platform.equals(LINUX_AMD64)) {
            throw new IllegalArgumentException(
                    "platform: found " + platform + ", wanted " + LINUX_AMD64);
        }
    }

    /** One for the standard snapshotter. */
    public PullRequest(String reference, Optional<Credentials> auth, String platform) {
        this(reference, auth, platform, Optional.empty());
    }

    /** An anonymous pull for this node's platform. */
    public static PullRequest of(String reference) {
        return new PullRequest(reference, Optional.empty(), LINUX_AMD64);
    }
}
