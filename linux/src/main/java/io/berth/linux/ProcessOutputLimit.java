package io.berth.linux;

import java.io.IOException;

/** A process that wrote more than allowed; it and its descendants have been killed. */
public final class ProcessOutputLimit extends IOException {
    ProcessOutputLimit(String message) {
        super(message);
    }
}
