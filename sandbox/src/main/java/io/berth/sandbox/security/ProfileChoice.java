package io.berth.sandbox.security;

import io.berth.cri.v1.SecurityProfile;
import io.berth.sandbox.SandboxException;

/** Which profile a request asks for, in its new field or in the deprecated one. */
sealed interface ProfileChoice {
    /** Neither field is set. */
    record Unset() implements ProfileChoice {}

    record Unconfined() implements ProfileChoice {}

    record RuntimeDefault() implements ProfileChoice {}

    /** One of the node's own: a path for seccomp, a loaded profile's name for AppArmor. */
    record Localhost(String reference) implements ProfileChoice {}

    /** What the deprecated field writes before the name of a profile of the node. */
    String LOCALHOST = "localhost/";

    /**
     * The choice of the new field.
     *
     * @param field its path in the request, for messages
     * @throws SandboxException.InvalidRequest if type and reference contradict each other
     */
    static ProfileChoice of(SecurityProfile asked, String field) {
        var reference = asked.getLocalhostRef();
        if (asked.getProfileType() != SecurityProfile.ProfileType.Localhost
                && !reference.isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "%s.localhost_ref: found '%s' beside profile_type %s, wanted none"
                            .formatted(field, reference, asked.getProfileType()));
        }
        return switch (asked.getProfileType()) {
            case RuntimeDefault -> new RuntimeDefault();
            case Unconfined -> new Unconfined();
            case Localhost -> localhost(reference, field + ".localhost_ref");
            case UNRECOGNIZED ->
                    throw new SandboxException.InvalidRequest(
                            ("%s.profile_type: found %d, wanted RuntimeDefault, Unconfined or"
                                            + " Localhost")
                                    .formatted(field, asked.getProfileTypeValue()));
        };
    }

    /**
     * The choice of the deprecated field: empty, {@code unconfined}, {@code runtime/default},
     * {@code docker/default} or {@code localhost/REFERENCE}.
     *
     * @throws SandboxException.InvalidRequest for any other text
     */
    static ProfileChoice ofText(String text, String field) {
        return switch (text) {
            case "" -> new Unset();
            case "unconfined" -> new Unconfined();
            case "runtime/default", "docker/default" -> new RuntimeDefault();
            default -> {
                if (!text.startsWith(LOCALHOST)) {
                    throw new SandboxException.InvalidRequest(
                            ("%s: found '%s', wanted runtime/default, unconfined or"
                                            + " localhost/REFERENCE")
                                    .formatted(field, text));
                }
                yield localhost(text, field);
            }
        };
    }

    private static ProfileChoice localhost(String reference, String field) {
        var bare =
                reference.startsWith(LOCALHOST)
                        ? reference.substring(LOCALHOST.length())
                        : reference;
        if (bare.isBlank() || bare.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "%s: found '%s', wanted a profile of this node".formatted(field, reference));
        }
        return new Localhost(bare);
    }
}
