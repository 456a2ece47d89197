package io.berth.imageservice.registry;

import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.registry.AttemptFailed.Kind;
import io.berth.imageservice.registry.RegistryHost.Capability;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Asks one host after the other for one thing, each as often as the settings allow while its
 * failures are passing ones. An attempt that brought some bytes nearer does not count.
 */
public final class AskHosts {

    private static final Duration MAX_BACKOFF = Duration.ofSeconds(10);

    private final List<RegistrySession> sessions;
    private final String subject;

    /**
     * Asks in the order of {@code sessions}.
     *
     * @param subject begins every message, such as {@code image docker.io/library/redis:7}
     */
    public AskHosts(List<RegistrySession> sessions, String subject) {
        this.sessions = List.copyOf(sessions);
        this.subject = subject;
    }

    /** What one host is asked. */
    @FunctionalInterface
    public interface Ask<T> {
        /** The thing, or why this host did not give it. */
        T of(RegistrySession session) throws AttemptFailed;
    }

    /**
     * What the first host that can answers.
     *
     * @throws ImageException naming every host and every failure when none does
     */
    public <T> T first(Capability capability, Ask<T> ask) {
        return first(capability, ask, () -> 0);
    }

    /** As above; {@code progress} grows with every byte that need not be asked for again. */
    public <T> T first(Capability capability, Ask<T> ask, LongSupplier progress) {
        var attempts = new Attempts(subject);
        for (RegistrySession session : sessions) {
            if (!session.can(capability)) {
                continue;
            }
            int fruitless = 0;
            while (fruitless < session.settings().attempts()) {
                long before = progress.getAsLong();
                try {
                    return ask.of(session);
                } catch (AttemptFailed failed) {
                    attempts.add(failed);
                    if (failed.kind() != Kind.TRANSIENT) {
                        break;
                    }
                }
                fruitless = progress.getAsLong() > before ? 1 : fruitless + 1;
                if (fruitless < session.settings().attempts()) {
                    pause(session.settings().backoff(), fruitless);
                }
            }
        }
        throw attempts.exception();
    }

    private void pause(Duration backoff, int fruitless) {
        Duration longer = backoff.multipliedBy(1L << Math.min(fruitless - 1, 10));
        try {
            Thread.sleep(longer.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : longer);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ImageException.Interrupted(
                    subject + ": stopped between two attempts", stopped);
        }
    }
}
