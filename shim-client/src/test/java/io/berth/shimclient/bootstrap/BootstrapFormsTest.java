package io.berth.shimclient.bootstrap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootstrapFormsTest {
    private static final byte[] MARK = "containerd.runtime.bootstrap.v1".getBytes(US_ASCII);

    @TempDir Path directory;
    private final BootstrapForms forms = new BootstrapForms(new Processes());

    private BootstrapForm of(Path program) throws IOException {
        return Steps.run("test.form", "test", () -> forms.of(program, Map.of("PATH", "/bin")));
    }

    /** A script that counts how often it is asked. */
    private Path script(String name, String version) throws IOException {
        var program = directory.resolve(name);
        Files.writeString(
                program,
                "#!/bin/sh\necho asked >> %s\n[ \"$1\" = -v ] || exit 9\nprintf 'shim:\\n  Version:  %s\\n'\n"
                        .formatted(directory.resolve("asked"), version));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    private int asked() throws IOException {
        var log = directory.resolve("asked");
        return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    }

    @ParameterizedTest
    @CsvSource({
        "1.6.20~ds1, OPTIONS",
        "2.1.9+unknown, OPTIONS",
        "2.2.12, OPTIONS",
        "v2.3.0-beta.1, PARAMS",
        "v2.3.4, PARAMS",
        "2.10.0, PARAMS",
        "3.0.0, PARAMS",
        "unknown, OPTIONS",
        "99999999999.0, OPTIONS"
    })
    void versionOfContainerdsLibraryTells(String version, BootstrapForm form) {
        assertThat(BootstrapForms.byVersion("shim:\n  Version:  " + version + "\n  Revision: \n"))
                .isEqualTo(form);
    }

    @Test
    void versionOfAnotherThingIsNotTakenForTheLibrarys() {
        assertThat(BootstrapForms.byVersion("Kata shim: id: io.containerd.kata.v2, version: 3.9.0"))
                .isEqualTo(BootstrapForm.OPTIONS);
        assertThat(BootstrapForms.byVersion("  Go Version: 2.5.1\n"))
                .isEqualTo(BootstrapForm.OPTIONS);
    }

    @Test
    void programThatHoldsTheMessageIsNotRun() throws IOException {
        var program = script("shim", "1.6.20");
        Files.write(program, MARK, java.nio.file.StandardOpenOption.APPEND);
        assertThat(of(program)).isEqualTo(BootstrapForm.PARAMS);
        assertThat(asked()).isZero();
    }

    @Test
    void messageIsFoundWhereverItStands() throws IOException {
        for (int at : new int[] {0, (1 << 20) - 10, (1 << 20) + 20, (2 << 20) - 31, 3 << 20}) {
            var bytes = new byte[at + MARK.length + 5];
            System.arraycopy(MARK, 0, bytes, at, MARK.length);
            var file = Files.write(directory.resolve("at-" + at), bytes);
            assertThat(BootstrapForms.contains(file, MARK)).as("at %d", at).isTrue();
            bytes[at + 3] = 'X';
            assertThat(BootstrapForms.contains(Files.write(file, bytes), MARK)).isFalse();
        }
    }

    @Test
    void programIsAskedOnceAsLongAsItsFileStays() throws IOException {
        var program = script("shim", "v2.3.4");
        for (int i = 0; i < 3; i++) {
            assertThat(of(program)).isEqualTo(BootstrapForm.PARAMS);
        }
        assertThat(asked()).isEqualTo(1);

        Files.move(script("other", "2.1.9"), program, StandardCopyOption.REPLACE_EXISTING);
        assertThat(of(program)).as("another file of that name").isEqualTo(BootstrapForm.OPTIONS);
        Files.setLastModifiedTime(program, FileTime.from(Instant.EPOCH));
        assertThat(of(program)).as("a file written again").isEqualTo(BootstrapForm.OPTIONS);
        assertThat(asked()).isEqualTo(3);
        forms.forget(program);
        assertThat(of(program)).as("after a start that failed").isEqualTo(BootstrapForm.OPTIONS);
        assertThat(asked()).isEqualTo(4);
        forms.learned(program, BootstrapForm.PARAMS);
        assertThat(of(program)).as("by its own answer").isEqualTo(BootstrapForm.PARAMS);
        assertThat(asked()).isEqualTo(4);
    }

    @Test
    void programThatDoesNotKnowTheQuestionIsAnOldOne() throws IOException {
        var program = directory.resolve("shim");
        Files.writeString(program, "#!/bin/sh\necho no such flag >&2\nexit 2\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(of(program)).isEqualTo(BootstrapForm.OPTIONS);
    }

    @Test
    void absentProgramIsAnError() {
        assertThatThrownBy(() -> of(directory.resolve("none")))
                .isInstanceOf(NoSuchFileException.class);
    }
}
