package io.berth.linux.step;

import java.io.IOException;

/** The effect of a step, with a result. */
@FunctionalInterface
public interface StepBody<T> {
    /** Performs the effect. */
    T run() throws IOException;
}
