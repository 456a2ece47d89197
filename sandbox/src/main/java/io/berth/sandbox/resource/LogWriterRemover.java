package io.berth.sandbox.resource;

import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.util.Set;

/** Ends log writers; what a writer has taken from its container is in the log by then or lost. */
public final class LogWriterRemover implements Remover {
    private final HostProcesses processes;

    public LogWriterRemover(HostProcesses processes) {
        this.processes = processes;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        processes.killWriter(entry.key());
    }

    @Override
    public Set<String> standing() throws IOException {
        return processes.writerControls();
    }
}
