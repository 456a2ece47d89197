package io.berth.sandbox.cdi;

/** Why a CDI file is not taken; the message is about the file, which its catcher names. */
final class CdiProblem extends Exception {
    private static final long serialVersionUID = 1L;

    CdiProblem(String message) {
        super(message);
    }
}
