package io.berth.linux;

import java.io.IOException;

/** A process that ran longer than allowed; it and its descendants have been killed. */
public final class ProcessTimeout extends IOException {
    ProcessTimeout(String message) {
        super(message);
    }
}
