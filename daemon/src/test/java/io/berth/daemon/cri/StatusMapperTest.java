package io.berth.daemon.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cni.CniException;
import io.berth.imageservice.image.ImageException;
import io.berth.sandbox.SandboxException;
import io.berth.shimclient.shim.ShimException;
import io.berth.storage.snapshot.SnapshotException;
import io.berth.storage.snapshot.SnapshotKind;
import io.berth.storage.snapshot.SnapshotName;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every failure that a module can name has the code that its callers act on. */
final class StatusMapperTest {
    private static final Map<Throwable, Status.Code> CODES =
            Map.ofEntries(
                    Map.entry(new SandboxException.NotFound("m"), Status.Code.NOT_FOUND),
                    Map.entry(new SandboxException.AlreadyExists("m"), Status.Code.ALREADY_EXISTS),
                    Map.entry(
                            new SandboxException.InvalidRequest("m"), Status.Code.INVALID_ARGUMENT),
                    Map.entry(
                            new SandboxException.WrongState("m"), Status.Code.FAILED_PRECONDITION),
                    Map.entry(
                            new SandboxException.StillRunning("m"), Status.Code.DEADLINE_EXCEEDED),
                    Map.entry(new SandboxException.TimedOut("m"), Status.Code.DEADLINE_EXCEEDED),
                    Map.entry(new SandboxException.TooSlow("m"), Status.Code.RESOURCE_EXHAUSTED),
                    Map.entry(new SandboxException.Failed("m"), Status.Code.UNKNOWN),
                    Map.entry(new ImageException.NotFound("m"), Status.Code.NOT_FOUND),
                    Map.entry(new ImageException.NoMatchingPlatform("m"), Status.Code.NOT_FOUND),
                    Map.entry(
                            new ImageException.RegistryUnavailable("m", null), Status.Code.UNKNOWN),
                    Map.entry(new ImageException.Unauthorized("m"), Status.Code.PERMISSION_DENIED),
                    Map.entry(new ImageException.DigestMismatch("m", null), Status.Code.DATA_LOSS),
                    Map.entry(new ImageException.HostileImage("m", null), Status.Code.DATA_LOSS),
                    Map.entry(
                            new ImageException.InvalidReference("m"), Status.Code.INVALID_ARGUMENT),
                    Map.entry(
                            new ImageException.InvalidManifest("m", null),
                            Status.Code.INVALID_ARGUMENT),
                    Map.entry(
                            new ImageException.InvalidArchive("m", null),
                            Status.Code.INVALID_ARGUMENT),
                    Map.entry(
                            new ImageException.NoSpace("m", null), Status.Code.RESOURCE_EXHAUSTED),
                    Map.entry(new ImageException.StoreFailed("m", null), Status.Code.INTERNAL),
                    Map.entry(new ImageException.Interrupted("m", null), Status.Code.UNAVAILABLE),
                    Map.entry(new CniException.NotConfigured("m"), Status.Code.UNKNOWN),
                    Map.entry(new CniException.PluginMissing("p", "m"), Status.Code.UNKNOWN),
                    Map.entry(
                            new CniException.PluginFailed("p", 7, "x", "y", "m"),
                            Status.Code.UNKNOWN),
                    Map.entry(new CniException.MalformedResult("p", "m"), Status.Code.UNKNOWN),
                    Map.entry(
                            new CniException.TimedOut("p", Duration.ofSeconds(1), "m"),
                            Status.Code.UNKNOWN),
                    Map.entry(
                            new CniException.DetachIncomplete(
                                    "s", List.of(new CniException.NotConfigured("m"))),
                            Status.Code.UNKNOWN),
                    Map.entry(new ShimException.NotFound("m", null), Status.Code.UNKNOWN),
                    Map.entry(new ShimException.AlreadyExists("m", null), Status.Code.UNKNOWN),
                    Map.entry(new ShimException.ShimLost("m", null), Status.Code.UNKNOWN),
                    Map.entry(new ShimException.TimedOut("m", null), Status.Code.UNKNOWN),
                    Map.entry(new ShimException.GivenUp("m", null), Status.Code.UNAVAILABLE),
                    Map.entry(new ShimException.Failed("m", null), Status.Code.UNKNOWN),
                    Map.entry(
                            new SnapshotException.AlreadyExists("s", SnapshotKind.VIEW),
                            Status.Code.UNKNOWN),
                    Map.entry(new SnapshotException.NotFound("s"), Status.Code.UNKNOWN),
                    Map.entry(
                            new SnapshotException.ParentMissing(
                                    "s", new SnapshotName("p"), "nothing"),
                            Status.Code.UNKNOWN),
                    Map.entry(
                            new SnapshotException.WrongKind("s", SnapshotKind.VIEW, "active"),
                            Status.Code.UNKNOWN),
                    Map.entry(new SnapshotException.InUse("s", "c"), Status.Code.UNKNOWN),
                    Map.entry(new SnapshotException.ChainTooLong("s", 2, 1), Status.Code.UNKNOWN),
                    Map.entry(
                            new SnapshotException.Failed("s", "doing", new IOException("m")),
                            Status.Code.UNKNOWN));

    @Test
    void everySubclassOfEveryFamilyIsHere() {
        var leaves = new ArrayList<Class<?>>();
        leaves(SandboxException.class, leaves);
        leaves(ImageException.class, leaves);
        leaves(CniException.class, leaves);
        leaves(ShimException.class, leaves);
        leaves(SnapshotException.class, leaves);
        var here = CODES.keySet().stream().map(Object::getClass).collect(Collectors.toSet());
        assertThat(here).containsExactlyInAnyOrderElementsOf(leaves.stream().toList());
    }

    private static void leaves(Class<?> family, List<Class<?>> found) {
        var permitted = family.getPermittedSubclasses();
        if (permitted == null) {
            found.add(family);
            return;
        }
        for (var each : permitted) {
            leaves(each, found);
        }
    }

    @Test
    void longMessagesFitIntoTheHeadersThatClientsTake() {
        var failure =
                new SandboxException.InvalidRequest("a: " + "x".repeat(70_000) + ", wanted b");
        var status = StatusMapper.of("Any", failure).getStatus();
        assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status.getDescription())
                .hasSizeLessThan(4096)
                .startsWith("a: x")
                .contains("68013 characters left out")
                .endsWith(", wanted b");
    }

    @Test
    void eachHasItsCodeAndKeepsItsMessage() {
        CODES.forEach(
                (failure, code) -> {
                    var status = StatusMapper.of("Any", failure).getStatus();
                    assertThat(status.getCode()).as(failure.getClass().getName()).isEqualTo(code);
                    assertThat(status.getDescription())
                            .endsWith(String.valueOf(failure.getMessage()));
                });
    }

    @Test
    void anUnreachableRegistryHasTheWordThatTheKubeletLooksFor() {
        var failure = new ImageException.RegistryUnavailable("registry down", null);
        assertThat(StatusMapper.of("PullImage", failure).getStatus().getDescription())
                .isEqualTo("RegistryUnavailable: registry down");
    }

    @Test
    void whatNobodyForesawIsNumbered() {
        var status = StatusMapper.of("Any", new IllegalStateException("state: lost")).getStatus();
        assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getDescription())
                .containsPattern(
                        "state: lost \\(request [0-9a-f-]{36}; berth's log has the details\\)");
    }
}
