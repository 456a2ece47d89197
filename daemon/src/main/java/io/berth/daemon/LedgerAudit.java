package io.berth.daemon;

import io.berth.daemon.cri.admin.Auditor;
import io.berth.sandbox.recovery.Audit;
import io.berth.sandbox.resource.Finding;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Tells what an audit found and what of it is gone. */
final class LedgerAudit implements Auditor {
    private final Audit audit;

    LedgerAudit(Audit audit) {
        this.audit = audit;
    }

    @Override
    public List<Audited> audit(boolean fix) throws IOException {
        var findings = audit.findings();
        Set<Finding> stays = new HashSet<>(fix ? audit.fix(findings) : findings);
        return findings.stream()
                .map(finding -> new Audited(finding, !stays.contains(finding)))
                .toList();
    }
}
