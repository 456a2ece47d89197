package io.berth.sandbox.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedPodTest {
    private static final String SPEC =
            """
            {"process": {"args": ["sh"], "cwd": "/", "env": ["A=1", "HOSTNAME=old"]},
             "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                        {"destination": "/v", "type": "bind", "source": "/a",
                         "options": ["rbind", "ro"]}],
             "linux": {"cgroupsPath": "/old", "namespaces": [{"type": "mount"},
                       {"type": "network", "path": "/proc/1/ns/net"}]}}
            """;

    private final Linux linux = new LinuxCalls();

    @TempDir Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.writeString(
                folder.resolve("pod.options"), "{\"version\": 1, \"containers\": {\"c\": \"id\"}}");
        Files.writeString(folder.resolve("pod.dump"), "{\"runtime\": \"runc\"}");
        Files.createDirectories(folder.resolve("c/checkpoint"));
        Files.writeString(
                folder.resolve("c/config.dump"),
                "{\"imageId\": \"sha256:1\", \"rootfsImageName\": \"busybox\"}");
        Files.writeString(folder.resolve("c/spec.dump"), SPEC);
        Files.writeString(folder.resolve("c/checkpoint/core-1.img"), "core");
        Files.writeString(folder.resolve("c/checkpoint/pages-1.img"), "pages");
    }

    private SavedPod read() throws IOException {
        try (var files = SavedFiles.open(linux, folder)) {
            return SavedPod.read(files);
        }
    }

    private static void refused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOf(SandboxException.WrongState.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void aCheckpointIsRead() throws IOException {
        var pod = read();
        assertThat(pod.runtime()).isEqualTo("runc");
        assertThat(pod.containers()).containsOnlyKeys("c");
        var container = pod.containers().values().iterator().next();
        assertThat(container.image().id()).isEqualTo("sha256:1");
        assertThat(container.wholeRoot()).isFalse();
        container.requireImage("sha256:1");
        refused(() -> container.requireImage("sha256:2"), "container c", "sha256:1", "sha256:2");
    }

    @Test
    void whatIsMissingOrMakesNoSenseIsNamed() throws IOException {
        Files.writeString(folder.resolve("c/spec.dump"), "[]");
        refused(this::read, "c/spec.dump", "no JSON object");
        Files.writeString(folder.resolve("c/spec.dump"), "[".repeat(1000));
        refused(this::read, "c/spec.dump", "no JSON");
        Files.delete(folder.resolve("c/spec.dump"));
        refused(this::read, "c/spec.dump: found none");
        Files.writeString(folder.resolve("c/config.dump"), "{\"imageId\": 5}");
        refused(this::read, "c/config.dump", "imageId");
        Files.writeString(folder.resolve("pod.options"), "{\"version\": 1, \"containers\": {}}");
        refused(this::read, "pod.options", "0 containers");
        Files.writeString(folder.resolve("pod.options"), "{\"version\": \"1\"}");
        refused(this::read, "pod.options", "version \"1\"");
        Files.delete(folder.resolve("pod.options"));
        refused(this::read, "pod.options: found none");
        assertThatThrownBy(() -> SavedFiles.open(linux, folder.resolve("none")))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void namesThatLeadElsewhereAreNoContainers() throws IOException {
        for (var name :
                new String[] {"..", ".", "a/b", "", "pod.dump", ".hidden", "x".repeat(256)}) {
            assertThat(SavedPod.isFolderName(name)).as(name).isFalse();
        }
        assertThat(SavedPod.isFolderName("web-1.a_b")).isTrue();
        Files.writeString(
                folder.resolve("pod.options"),
                "{\"version\": 1, \"containers\": {\"../c\": \"\"}}");
        refused(this::read, "a container named '../c'");
    }

    @Test
    void linksAndWhatIsNoFileAreRefused() throws IOException {
        Files.delete(folder.resolve("c/config.dump"));
        Files.createSymbolicLink(folder.resolve("c/config.dump"), Path.of("spec.dump"));
        refused(this::read, "c/config.dump: found a link");
        Files.delete(folder.resolve("c/config.dump"));
        Files.createDirectory(folder.resolve("c/config.dump"));
        refused(this::read, "c/config.dump: found a directory, wanted a regular file");
        Files.move(folder.resolve("c"), folder.resolve("d"));
        Files.createSymbolicLink(folder.resolve("c"), Path.of("d"));
        refused(this::read, "found a link");
    }

    @Test
    void filesLargerThanTheirLimitAreNotRead() throws IOException {
        try (var files = SavedFiles.open(linux, folder)) {
            assertThat(files.read("c/checkpoint/core-1.img", 4))
                    .isEqualTo("core".getBytes(StandardCharsets.UTF_8));
            refused(() -> files.read("c/checkpoint/core-1.img", 3), "more than 3 bytes");
        }
    }

    private boolean copy(Path target, int maxFiles, long maxBytes) throws IOException {
        Files.createDirectories(target);
        try (var files = SavedFiles.open(linux, folder, maxFiles, maxBytes)) {
            Steps.run("test.copy", "test", () -> files.copy("c/checkpoint", target));
        }
        return true;
    }

    @Test
    void imagesAreCopiedWithinTheirLimits(@TempDir Path other) throws IOException {
        assertThat(copy(other.resolve("good"), 2, 9)).isTrue();
        assertThat(other.resolve("good/core-1.img")).hasContent("core");
        assertThat(other.resolve("good/pages-1.img")).hasContent("pages");
        refused(() -> copy(other.resolve("many"), 1, 9), "more than 1 files");
        refused(
                () -> copy(other.resolve("large"), 2, 8),
                "pages-1.img",
                "5 bytes where 4 are left");
        Files.createSymbolicLink(folder.resolve("c/checkpoint/parent"), Path.of("nowhere"));
        refused(() -> copy(other.resolve("link"), 9, 99), "checkpoint/parent: found a link");
        assertThat(other.resolve("link/parent")).doesNotExist();
    }

    private void same(String spec, boolean hostnameAsked) throws IOException {
        var container = read().containers().values().iterator().next();
        SavedProcess.requireSame(container, spec.getBytes(StandardCharsets.UTF_8), hostnameAsked);
    }

    @Test
    void whatTheNewPodGivesMayDiffer() throws IOException {
        same(SPEC, true);
        same(
                SPEC.replace("\"/old\"", "\"/new\"")
                        .replace("\"/a\"", "\"/b\"")
                        .replace("/proc/1/", "/proc/2/")
                        .replace("HOSTNAME=old", "HOSTNAME=new")
                        .replace("\"cwd\"", "\"noNewPrivileges\": false, \"cwd\""),
                false);
    }

    @Test
    void whatTheProcessKeepsMayNot() {
        refused(() -> same(SPEC.replace("\"sh\"", "\"ash\""), false), "process.args", "[\"ash\"]");
        refused(
                () -> same(SPEC.replace("\"ro\"", "\"rw\""), false),
                "mounts",
                "/v (bind rbind,ro)");
        refused(
                () -> same(SPEC.replace("\"cwd\"", "\"noNewPrivileges\": true, \"cwd\""), false),
                "process.noNewPrivileges");
        refused(
                () -> same(SPEC.replace("{\"type\": \"mount\"}", "{\"type\": \"pid\"}"), false),
                "linux.namespaces");
        refused(() -> same(SPEC.replace("HOSTNAME=old", "HOSTNAME=new"), true), "HOSTNAME");
        assertThatThrownBy(() -> same(SPEC.replace("A=1", "A=secret"), false))
                .isInstanceOf(SandboxException.WrongState.class)
                .hasMessageContaining("[A]")
                .hasMessageNotContaining("secret");
    }
}
