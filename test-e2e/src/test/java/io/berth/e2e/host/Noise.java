package io.berth.e2e.host;

/**
 * Which lines count. On a machine that runs the tests alone, every line does. Where others build
 * and test at the same time, only lines that bear the mark of the run do, and only what is left
 * over: links and processes say whose they are for that.
 */
final class Noise {
    private static final boolean SHARED = System.getenv("BERTH_E2E_SHARED_HOST") != null;

    private Noise() {}

    static boolean sharedHost() {
        return SHARED;
    }

    static boolean counts(String line, HostScope scope) {
        return !SHARED || line.contains(scope.mark());
    }
}
