package io.berth.cni;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** A version of the CNI specification; missing parts are zero. */
record CniVersion(int major, int minor, int patch) implements Comparable<CniVersion> {
    /** Every version whose configurations and results are understood, oldest first. */
    static final List<CniVersion> UNDERSTOOD =
            List.of(
                    new CniVersion(0, 3, 0),
                    new CniVersion(0, 3, 1),
                    new CniVersion(0, 4, 0),
                    new CniVersion(1, 0, 0),
                    new CniVersion(1, 1, 0));

    /** First with CHECK and with the previous result given to DEL. */
    static final CniVersion WITH_CHECK = new CniVersion(0, 4, 0);

    /** First whose addresses do not carry {@code version}. */
    static final CniVersion WITHOUT_IP_VERSION = new CniVersion(1, 0, 0);

    /** First with STATUS and GC. */
    static final CniVersion WITH_STATUS = new CniVersion(1, 1, 0);

    private static final Pattern TEXT = Pattern.compile("[0-9]{1,4}(\\.[0-9]{1,4}){0,2}");
    private static final Comparator<CniVersion> ORDER =
            Comparator.comparingInt(CniVersion::major)
                    .thenComparingInt(CniVersion::minor)
                    .thenComparingInt(CniVersion::patch);

    /**
     * @throws IllegalArgumentException not one to three numbers with dots
     */
    static CniVersion parse(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "found \"%s\", wanted a version such as 1.0.0".formatted(Excerpt.of(text)));
        }
        var parts = text.split("\\.", -1);
        return new CniVersion(
                Integer.parseInt(parts[0]),
                parts.length > 1 ? Integer.parseInt(parts[1]) : 0,
                parts.length > 2 ? Integer.parseInt(parts[2]) : 0);
    }

    boolean isUnderstood() {
        return UNDERSTOOD.contains(this);
    }

    boolean isAtLeast(CniVersion other) {
        return compareTo(other) >= 0;
    }

    @Override
    public int compareTo(CniVersion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
