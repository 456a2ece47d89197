package io.berth.e2e.sweep;

/**
 * One fault in one step.
 *
 * @param step the step's name
 * @param occurrence which one of that name since the daemon's start, from 1
 * @param action fail, kill-before or kill-after
 */
record Fault(String step, int occurrence, String action) {
    String point() {
        return step + "#" + occurrence;
    }

    /** As the daemon reads it from its environment. */
    String specification() {
        return point() + "=" + action;
    }
}
