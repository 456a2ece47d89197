package io.berth.sandbox.resource;

import io.berth.linux.Namespaces;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Unpins pods' user namespaces. */
public final class UsernsRemover implements Remover {
    private final Path folder;
    private final Namespaces namespaces;

    /** Removes pins right in {@code folder}. */
    public UsernsRemover(Path folder, Namespaces namespaces) {
        this.folder = folder;
        this.namespaces = namespaces;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        var pin = Path.of(entry.key());
        if (!pin.normalize().equals(pin) || !folder.equals(pin.getParent())) {
            throw new IOException(
                    "userns %s: not right in %s, so it is not berth's to remove"
                            .formatted(pin, folder));
        }
        namespaces.removeNetns(pin);
    }

    @Override
    public Set<String> standing() throws IOException {
        var found = new HashSet<String>();
        try (var pins = Files.newDirectoryStream(folder)) {
            pins.forEach(pin -> found.add(pin.toString()));
        } catch (NoSuchFileException none) {
            return Set.of();
        }
        return found;
    }
}
