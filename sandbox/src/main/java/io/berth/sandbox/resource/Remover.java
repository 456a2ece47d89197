package io.berth.sandbox.resource;

import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.util.Set;

/** Makes things of one kind absent, and sees which are there. */
public interface Remover {
    /**
     * Makes the entry's thing absent. One that is already gone, wholly or in part, is success.
     * Nothing that does not carry the entry's key is touched.
     *
     * @throws IOException naming the thing and what keeps it
     */
    void remove(Ledger.Entry entry) throws IOException;

    /**
     * The keys of all things of this kind that stand on the host and carry berth's mark, whether
     * the ledger knows them or not. Reads only.
     */
    Set<String> standing() throws IOException;
}
