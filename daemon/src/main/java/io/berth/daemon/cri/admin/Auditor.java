package io.berth.daemon.cri.admin;

import io.berth.sandbox.resource.Finding;
import java.io.IOException;
import java.util.List;

/** Compares what the ledger says with what the host has. */
@FunctionalInterface
public interface Auditor {

    /**
     * One disagreement, and whether it is out of the world now.
     *
     * @param fixed false too where nothing was to be removed
     */
    record Audited(Finding finding, boolean fixed) {}

    /**
     * Every disagreement.
     *
     * @param fix removes what is found
     */
    List<Audited> audit(boolean fix) throws IOException;
}
