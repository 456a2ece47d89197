package io.berth.linux.step;

import java.io.IOException;

/** The effect of a step, without a result. */
@FunctionalInterface
public interface StepAction {
    /** Performs the effect. */
    void run() throws IOException;
}
