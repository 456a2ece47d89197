package io.berth.daemon.cli.manifest;

import java.util.List;

/** A manifest that cannot be run, with everything that is wrong in it. */
public final class ManifestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ManifestException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line each: file, line, field, found and wanted. */
    public List<String> problems() {
        return problems;
    }
}
