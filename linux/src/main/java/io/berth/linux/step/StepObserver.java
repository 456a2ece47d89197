package io.berth.linux.step;

import java.io.IOException;

/** Is told of every step, on the thread that runs it; called from many threads at once. */
public interface StepObserver {
    /** Does nothing. */
    StepObserver NONE =
            new StepObserver() {
                @Override
                public void before(String name, String subject) {}

                @Override
                public void after(String name, String subject) {}
            };

    /**
     * Called before the effect; an exception prevents the effect and becomes the step's failure.
     */
    void before(String name, String subject) throws IOException;

    /** Called after the effect succeeded; an exception becomes the step's failure. */
    void after(String name, String subject) throws IOException;

    /** An observer that tells this one first, then {@code next}. */
    default StepObserver andThen(StepObserver next) {
        var first = this;
        return new StepObserver() {
            @Override
            public void before(String name, String subject) throws IOException {
                first.before(name, subject);
                next.before(name, subject);
            }

            @Override
            public void after(String name, String subject) throws IOException {
                first.after(name, subject);
                next.after(name, subject);
            }
        };
    }
}
