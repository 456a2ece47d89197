package io.berth.e2e.cases;

import java.io.IOException;
import java.util.List;

/** A hostile input that a running daemon has to refuse or to survive. */
public interface HostileCase {
    /** Returns the name by which {@code test-e2e/cases} knows the case, such as "passwd-forms". */
    String name();

    /** Returns what the case tries, in a sentence. */
    String purpose();

    /**
     * Tries the input on a daemon, and removes what it made there.
     *
     * @return a line for each thing that the daemon did wrong; empty if it did everything right
     * @throws IOException if the case itself could not be carried out
     */
    List<String> tryOn(CaseDaemon daemon) throws IOException;
}
