package io.berth.daemon.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.daemon.config.ConfigFiles;
import io.berth.linux.LinuxCalls;
import io.berth.sandbox.claim.StateFolder;
import io.berth.storage.StorageLocked;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.Metadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeCareTest {
    private static final String TASK = "a".repeat(64);

    @TempDir Path folder;
    private Path root;
    private Path state;
    private Process task;

    /** A process that works in a bundle, as a shim does. */
    @BeforeEach
    void aTaskThatRuns() throws IOException {
        root = Files.createDirectories(folder.resolve("root"));
        state = folder.resolve("state");
        var bundle = Files.createDirectories(state.resolve("bundles").resolve(TASK));
        task = new ProcessBuilder("cat").directory(bundle.toFile()).start();
    }

    @AfterEach
    void end() {
        task.destroyForcibly();
    }

    private HomeCare care() throws IOException {
        var file = folder.resolve("config.toml");
        Files.writeString(file, "root = \"%s\"\nstate = \"%s\"\n".formatted(root, state));
        var config = ConfigFiles.load(file, false).config();
        return new HomeCare(config, new LinuxCalls(), Clock.systemUTC());
    }

    private void ledgerNames(String owner) {
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            Ledger.open(metadata).intend(new Ledger.Entry("task", owner, owner, Instant.EPOCH));
        }
    }

    @Test
    void aRootWithoutAnIdThatHasPodsOfItsOwnIsNotTakenForAnEmptyOne() throws IOException {
        ledgerNames("b".repeat(64));
        assertThatThrownBy(() -> care().adopt())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("root " + root + ": found pods of its own");
        try (var metadata = Metadata.open(root.resolve("meta"))) {
            assertThat(Ledger.open(metadata).entries()).hasSize(1);
        }
        assertThat(root.resolve("id")).doesNotExist();
    }

    @Test
    void aTaskWhoseBundleTellsNothingIsNamedAndNotEnded() throws IOException {
        assertThat(care().adopt())
                .anyMatch(line -> line.contains(TASK) && line.contains("does not tell what it is"))
                .anyMatch(line -> line.startsWith("0 running tasks"));
        assertThat(task.isAlive()).isTrue();
    }

    @Test
    void theLockOfAStateFolderHoldsAlsoByALinkToIt() throws IOException {
        var link = Files.createSymbolicLink(folder.resolve("link"), state);
        try (var _ = StateFolder.lock(root, state, new LinuxCalls())) {
            assertThatThrownBy(
                            () -> StateFolder.lock(folder.resolve("other"), link, new LinuxCalls()))
                    .isInstanceOf(StorageLocked.class)
                    .hasMessageContaining(Long.toString(ProcessHandle.current().pid()));
        }
    }

    /** A berth before this one gave neither folder an id. */
    @Test
    void foldersWithoutAnIdBelongTogetherIfTheRootKnowsTheTasks() throws IOException {
        ledgerNames(TASK);
        try (var metadata = Metadata.open(root.resolve("meta"));
                var folders = StateFolder.lock(root, state, new LinuxCalls())) {
            var id = folders.take(Ledger.open(metadata));
            assertThat(List.of(root, state))
                    .allSatisfy(each -> assertThat(each.resolve("id")).hasContent(id));
        }
    }
}
