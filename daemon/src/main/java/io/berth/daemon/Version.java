package io.berth.daemon;

/** Which berth this is. */
public final class Version {
    private Version() {}

    /** The version that the build wrote into the jar's manifest; "dev" outside a jar. */
    public static String current() {
        var version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }
}
