package io.berth.sandbox.security;

import io.berth.sandbox.SandboxException;
import java.util.regex.Pattern;

/** The first two numbers of a kernel's release. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,5})\\.(\\d{1,5}).*");

    /**
     * Reads {@code 6.18.5-generic} as 6.18.
     *
     * @throws SandboxException.Failed if it does not begin with two numbers
     */
    public static KernelVersion parse(String release) {
        var found = RELEASE.matcher(release.strip());
        if (!found.matches()) {
            throw new SandboxException.Failed(
                    "kernel release: found '%s', wanted two numbers with a dot".formatted(release));
        }
        return new KernelVersion(
                Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)));
    }

    @Override
    public int compareTo(KernelVersion other) {
        return major == other.major
                ? Integer.compare(minor, other.minor)
                : Integer.compare(major, other.major);
    }
}
