package io.berth.sandbox.operation;

import java.util.regex.Pattern;

/**
 * A slice of systemd (systemd.slice(5)): its name says where it lies, a dash a level.
 *
 * <pre>
 * kubepods-burstable-podX.slice
 *   lies in  /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podX.slice
 *   a leaf   kubepods-burstable-podX.slice:berth:ID           as the OCI config names it
 *   lies in  …/kubepods-burstable-podX.slice/berth-ID.scope
 * </pre>
 */
public final class SystemdSlice {
    private static final String SUFFIX = ".slice";
    private static final String PREFIX = "berth";

    /** What the name may hold between its dashes, none of which is at an end or beside another. */
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_.:\\\\@]+(?:-[A-Za-z0-9_.:\\\\@]+)*\\.slice");

    /** Names of units are limited, and so are directories. */
    private static final int MAX_LENGTH = 255;

    private final String name;

    /**
     * Takes a slice's name, or a path of slices, of which the last counts, as in containerd.
     *
     * @throws IllegalArgumentException if there is no slice in it
     */
    public SystemdSlice(String given) {
        this.name = given.substring(given.lastIndexOf('/') + 1);
        if (name.length() > MAX_LENGTH || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "found '%s', wanted a slice such as kubepods-burstable-podX.slice"
                            .formatted(given.substring(0, Math.min(given.length(), 300))));
        }
    }

    /** The slice that stands for a path of cgroupfs: {@code /a/b} is {@code a-b.slice}. */
    public static SystemdSlice ofPath(String path) {
        if (path.endsWith(SUFFIX)) {
            return new SystemdSlice(path);
        }
        return new SystemdSlice(path.substring(1).replace("-", "_").replace('/', '-') + SUFFIX);
    }

    /** A slice right below this one. */
    public SystemdSlice child(String part) {
        return new SystemdSlice(stem() + "-" + part + SUFFIX);
    }

    private String stem() {
        return name.substring(0, name.length() - SUFFIX.length());
    }

    /** Where it lies below the root of a hierarchy. */
    public String path() {
        var path = new StringBuilder();
        var stem = stem();
        for (int dash = stem.indexOf('-'); dash >= 0; dash = stem.indexOf('-', dash + 1)) {
            path.append('/').append(stem, 0, dash).append(SUFFIX);
        }
        return path.append('/').append(name).toString();
    }

    /** What the OCI runtime is told for a leaf in it. */
    String cgroupsPath(String id) {
        return name + ":" + PREFIX + ":" + id;
    }

    /** Where that leaf lies. */
    String scopePath(String id) {
        return path() + "/" + PREFIX + "-" + id + ".scope";
    }

    @Override
    public String toString() {
        return name;
    }
}
