package io.berth.sandbox.exit;

import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.Pidfd;
import io.berth.linux.ProcessStat;
import java.lang.System.Logger;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A process of a shim, held by descriptor from as early as its pid is known. */
public final class HeldProcess implements AutoCloseable {
    private static final Logger LOG = System.getLogger(HeldProcess.class.getName());

    private final @Nullable Pidfd process;
    private final Runnable forget;
    private final CompletableFuture<Void> death = new CompletableFuture<>();

    HeldProcess(@Nullable Pidfd process, Runnable forget) {
        this.process = process;
        this.forget = forget;
    }

    /** A process of which the kernel tells nothing here: its shim's word is all there is. */
    public static HeldProcess unknown() {
        return new HeldProcess(null, () -> {});
    }

    /** A process that was gone before it could be held. */
    static HeldProcess gone() {
        var gone = unknown();
        gone.died();
        return gone;
    }

    void died() {
        death.complete(null);
    }

    /** Whether the kernel says that it has ended. */
    public boolean isDead() {
        return death.isDone();
    }

    /** Whether it is held and has not ended; false also of one that nobody can tell of. */
    public boolean runs() {
        return process != null
                && !isDead()
                && ProcessStat.of(process.pid()).filter(ProcessStat::runs).isPresent();
    }

    /** Runs something once the kernel says that the process has ended; at once if it has. */
    void onDeath(Runnable then) {
        var _ = death.thenRun(then);
    }

    /** Its exit code, or 128 and its signal, if the kernel can tell. */
    OptionalInt exitCode(Linux linux) {
        if (process == null) {
            return OptionalInt.empty();
        }
        try {
            return linux.exitCode(process);
        } catch (LinuxException refused) {
            LOG.log(
                    Logger.Level.DEBUG,
                    "process {0}: {1}",
                    Integer.toString(process.pid()),
                    refused.getMessage());
            return OptionalInt.empty();
        }
    }

    @Override
    public void close() {
        forget.run();
    }
}
