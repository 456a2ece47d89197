package io.berth.imageservice.image;

import io.berth.storage.content.Digest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image in a registry, complete: defaults are filled in.
 *
 * <pre>
 * redis                       docker.io/library/redis:latest
 * team/app:1                  docker.io/team/app:1
 * localhost/app               localhost/app:latest
 * host:5000/a/b@sha256:0123…  host:5000/a/b@sha256:0123…
 * </pre>
 *
 * <p>Source: the grammar of the distribution project's reference package, with Docker's default
 * domain. A reference with both tag and digest means the digest; the tag is only kept.
 *
 * @param registry host name or address, with a port when one was given
 * @param repository path below the registry, lower case, at most 255 characters
 * @param tag at most 128 characters; always present when there is no digest
 */
public record ImageRef(
        String registry, String repository, Optional<String> tag, Optional<Digest> digest) {

    private static final String DEFAULT_REGISTRY = "docker.io";
    private static final String LEGACY_DEFAULT_REGISTRY = "index.docker.io";
    private static final String OFFICIAL = "library/";
    private static final int MAX_TEXT = 4096;
    private static final int MAX_REPOSITORY = 255;
    private static final int MAX_PORT = 65_535;
    private static final int PORT_DIGITS = 5;

    private static final Pattern ID = Pattern.compile("[a-f0-9]{64}");
    private static final Pattern ID_WITH_ALGORITHM = Pattern.compile("sha256:[a-f0-9]{64}");
    private static final Pattern REGISTRY =
            Pattern.compile(
                    "(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
                            + "(?:\\.(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]))*"
                            + "(?::[0-9]+)?"
                            + "|\\[[a-fA-F0-9:]+\\](?::[0-9]+)?");
    private static final Pattern COMPONENT =
            Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    /** Checks every part against the grammar. */
    public ImageRef {
        String text = registry + "/" + repository;
        if (!REGISTRY.matcher(registry).matches()) {
            throw invalid(text, "registry", registry, "host[:port]");
        }
        if (repository.length() > MAX_REPOSITORY) {
            throw new ImageException.InvalidReference(
                    "image %s…: repository has %d characters; at most %d are allowed"
                            .formatted(text.substring(0, 64), repository.length(), MAX_REPOSITORY));
        }
        for (String component : repository.split("/", -1)) {
            if (!COMPONENT.matcher(component).matches()) {
                throw invalid(
                        text,
                        "repository component",
                        component,
                        component.equals(component.toLowerCase(Locale.ROOT))
                                ? "letters and digits with single separators . _ __ -"
                                : "lower case");
            }
        }
        if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
            throw invalid(text, "tag", tag.get(), "up to 128 of A-Z a-z 0-9 _ . -");
        }
        if (tag.isEmpty() && digest.isEmpty()) {
            throw new ImageException.InvalidReference("image " + text + ": neither tag nor digest");
        }
    }

    /**
     * The reference that a text means, with Docker's defaults.
     *
     * @throws ImageException.InvalidReference when it is none, also for a bare image id
     */
    public static ImageRef parse(String text) {
        if (text.isBlank()) {
            throw new ImageException.InvalidReference("image: the reference is empty");
        }
        if (text.length() > MAX_TEXT) {
            throw new ImageException.InvalidReference(
                    "image %s…: reference has %d characters; at most %d are allowed"
                            .formatted(text.substring(0, 64), text.length(), MAX_TEXT));
        }
        if (ID.matcher(text).matches() || ID_WITH_ALGORITHM.matcher(text).matches()) {
            throw new ImageException.InvalidReference(
                    "image " + text + ": found an image id, wanted a name such as redis:7");
        }
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(digest(text, rest.substring(at + 1)));
            rest = rest.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Optional.of("latest");
        }
        return named(rest, tag, digest);
    }

    /**
     * Returns this reference if its registry has a port that can be asked, or none. Names of images
     * that came in archives need none.
     *
     * @throws ImageException.InvalidReference if it has another one
     */
    public ImageRef requirePort() {
        int colon = registry.lastIndexOf(':');
        if (colon < 0 || colon < registry.lastIndexOf(']')) {
            return this;
        }
        var port = registry.substring(colon + 1).replaceFirst("^0+(?=.)", "");
        if (port.length() > PORT_DIGITS
                || Integer.parseInt(port) < 1
                || Integer.parseInt(port) > MAX_PORT) {
            throw invalid(registry + "/" + repository, "port", port, "1 to " + MAX_PORT);
        }
        return this;
    }

    /** The tag that a text means, complete; empty for a digest, an id and what is no reference. */
    public static Optional<String> tag(String text) {
        try {
            return parse(text).repoTag();
        } catch (ImageException.InvalidReference none) {
            return Optional.empty();
        }
    }

    /** The name of the repository that a text means, if it says neither tag nor digest. */
    static Optional<String> repository(String text) {
        try {
            ImageRef ref = parse(text);
            boolean whole = text.indexOf('@') < 0 && text.lastIndexOf(':') <= text.lastIndexOf('/');
            return whole ? Optional.of(ref.name()) : Optional.empty();
        } catch (ImageException.InvalidReference none) {
            return Optional.empty();
        }
    }

    private static ImageRef named(String name, Optional<String> tag, Optional<Digest> digest) {
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        if (slash < 0 || !looksLikeRegistry(first)) {
            return new ImageRef(DEFAULT_REGISTRY, official(name), tag, digest);
        }
        String repository = name.substring(slash + 1);
        if (first.equals(DEFAULT_REGISTRY) || first.equals(LEGACY_DEFAULT_REGISTRY)) {
            return new ImageRef(DEFAULT_REGISTRY, official(repository), tag, digest);
        }
        return new ImageRef(first, repository, tag, digest);
    }

    private static boolean looksLikeRegistry(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
    }

    private static String official(String repository) {
        return repository.indexOf('/') < 0 ? OFFICIAL + repository : repository;
    }

    private static Digest digest(String text, String digest) {
        try {
            return Digest.parse(digest);
        } catch (IllegalArgumentException malformed) {
            throw new ImageException.InvalidReference(
                    "image " + text + ": " + malformed.getMessage());
        }
    }

    private static ImageException invalid(String text, String part, String found, String wanted) {
        return new ImageException.InvalidReference(
                "image %s: %s: found \"%s\", wanted %s".formatted(text, part, found, wanted));
    }

    /** {@code registry/repository}. */
    public String name() {
        return registry + "/" + repository;
    }

    /** {@code registry/repository[:tag][@digest]}, with nothing left to default. */
    public String canonical() {
        return name()
                + tag.map(value -> ":" + value).orElse("")
                + digest.map(value -> "@" + value).orElse("");
    }

    /** The form that people write: without the default registry and its {@code library/}. */
    public String familiar() {
        String canonical = canonical();
        if (!registry.equals(DEFAULT_REGISTRY)) {
            return canonical;
        }
        String path = canonical.substring(DEFAULT_REGISTRY.length() + 1);
        boolean official =
                repository.startsWith(OFFICIAL) && repository.indexOf('/', OFFICIAL.length()) < 0;
        return official ? path.substring(OFFICIAL.length()) : path;
    }

    /** What a registry is asked for: the digest when there is one, else the tag. */
    public String target() {
        return digest.map(Digest::toString).or(() -> tag).orElseThrow();
    }

    /** {@code registry/repository:tag}; empty when the digest decides. */
    public Optional<String> repoTag() {
        return digest.isPresent() ? Optional.empty() : tag.map(value -> name() + ":" + value);
    }

    /** {@code registry/repository@digest} for bytes that this reference led to. */
    public String repoDigest(Digest resolved) {
        return name() + "@" + resolved;
    }

    @Override
    public String toString() {
        return canonical();
    }
}
