package io.berth.cni;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY;

import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells that something changed in folders that may come, go, and be replaced by others of the same
 * name. Without inotify (its limits are per user) it only waits: the poll then finds changes.
 */
final class FolderEvents implements Closeable {
    private static final Logger LOG = System.getLogger(FolderEvents.class.getName());

    private final List<Path> folders;
    private final Map<Path, Watched> watched = new HashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable WatchService service;
    private boolean unavailable;

    /** A folder under watch; {@code identity} tells it from a later one of the same name. */
    private record Watched(WatchKey key, Object identity) {}

    FolderEvents(List<Path> folders) {
        this.folders = folders;
    }

    /** Waits for a change, at most {@code patience}; whether there was one. */
    boolean await(Duration patience) throws InterruptedException {
        var events = register();
        if (events == null) {
            closed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
            return false;
        }
        try {
            var key = events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (key != null) {
                drain(key);
            }
            return key != null;
        } catch (ClosedWatchServiceException closing) {
            return false;
        }
    }

    /** Lets a burst of changes pass. */
    void settle(Duration pause) throws InterruptedException {
        closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        watched.values().forEach(folder -> drain(folder.key()));
    }

    private static void drain(WatchKey key) {
        key.pollEvents();
        key.reset();
    }

    private @Nullable WatchService register() {
        var events = service();
        if (events == null) {
            return null;
        }
        for (var folder : folders) {
            var current = watched.get(folder);
            try {
                var identity = Files.getAttribute(folder, "unix:ino");
                if (current == null
                        || !current.key().isValid()
                        || !current.identity().equals(identity)) {
                    var key = folder.register(events, ENTRY_CREATE, ENTRY_DELETE, ENTRY_MODIFY);
                    watched.put(folder, new Watched(key, identity));
                    if (current != null && !current.key().equals(key)) {
                        current.key().cancel();
                    }
                }
            } catch (NoSuchFileException missing) {
                watched.remove(folder); // the poll finds it when it comes
            } catch (IOException | ClosedWatchServiceException refused) {
                LOG.log(
                        Level.DEBUG,
                        () -> "folder " + folder + " not watched, only polled",
                        refused);
            }
        }
        return events;
    }

    private synchronized @Nullable WatchService service() {
        if (service == null && !unavailable && closed.getCount() > 0 && !folders.isEmpty()) {
            try {
                service = folders.getFirst().getFileSystem().newWatchService();
            } catch (IOException limit) {
                unavailable = true;
                LOG.log(
                        Level.WARNING,
                        "network folders {0}: not watched, only polled: {1}",
                        folders,
                        limit.getMessage());
            }
        }
        return service;
    }

    @Override
    public synchronized void close() throws IOException {
        closed.countDown();
        if (service != null) {
            service.close();
        }
    }
}
