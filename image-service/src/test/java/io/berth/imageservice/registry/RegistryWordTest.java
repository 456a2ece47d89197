package io.berth.imageservice.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.ImageRef;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How far the word of a registry reaches: its token endpoints and redirects. */
class RegistryWordTest {

    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] BLOB = "0123456789".repeat(2000).getBytes(StandardCharsets.UTF_8);
    private static final Credentials USER = new Credentials.Basic("user", "secret", "");
    private static final String USER_HEADER =
            "Basic "
                    + Base64.getEncoder()
                            .encodeToString("user:secret".getBytes(StandardCharsets.UTF_8));

    @TempDir Path certs;
    private ScriptedRegistry server;
    private Registries registries;

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedRegistry();
        registries =
                new Registries(
                        new RegistrySettings(
                                List.of(certs),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(5),
                                2,
                                Duration.ofMillis(1),
                                new RegistrySettings.Rate(Duration.ofSeconds(2), 50),
                                "berth-test"));
    }

    @AfterEach
    void stop() {
        registries.close();
        server.close();
    }

    private RegistrySession session(Optional<Credentials> credentials) {
        ImageRef ref = ImageRef.parse(server.authority() + "/team/app:1");
        return registries.sessions(ref, credentials).getLast();
    }

    private RegistrySession anonymous() {
        return session(Optional.empty());
    }

    private String blobPath(Digest digest) {
        return "/v2/team/app/blobs/" + digest;
    }

    /** As a hostile registry does that wants the credentials, or this node to ask for it. */
    @Test
    void passwordsOfARegistryOverHttpGoToNoOtherTokenEndpoint() throws IOException {
        try (var elsewhere = new ScriptedRegistry()) {
            server.admit(
                    _ -> false,
                    "Bearer realm=\"%s/token\",service=\"s\"".formatted(elsewhere.address()));
            for (var credentials :
                    List.of(USER, new Credentials.IdentityToken("user", "refresh-secret", ""))) {
                assertThatThrownBy(
                                () ->
                                        new ResolveManifest(session(Optional.of(credentials)))
                                                .head("1"))
                        .isInstanceOf(AttemptFailed.class)
                        .hasMessageContaining("names a token endpoint at " + elsewhere.authority())
                        .hasMessageContaining("hosts.toml");
            }
            assertThat(elsewhere.seen()).isEmpty();
        }
    }

    @Test
    void aTokenEndpointThatHostsTomlNamesGetsThem() throws IOException {
        try (var elsewhere = new ScriptedRegistry()) {
            server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
            elsewhere.put("/token", "{\"token\":\"t0ken\"}");
            server.admit(
                    request -> request.header("Authorization").equals(Optional.of("Bearer t0ken")),
                    "Bearer realm=\"%s/token\",service=\"s\"".formatted(elsewhere.address()));
            Path folder = Files.createDirectories(certs.resolve(server.authority()));
            Files.writeString(
                    folder.resolve("hosts.toml"),
                    "server = \"%s\"\n[host.\"%s\"]\ncapabilities = [\"resolve\"]\n"
                            .formatted(server.address(), elsewhere.address()));
            assertThat(new ResolveManifest(session(Optional.of(USER))).head("1")).isPresent();
            assertThat(elsewhere.seen("/token").getFirst().header("Authorization"))
                    .hasValue(USER_HEADER);
        }
    }

    @Test
    void noWordOfAnotherHostIsTold() throws IOException {
        try (var elsewhere = new ScriptedRegistry()) {
            server.admit(
                    _ -> false,
                    "Bearer realm=\"%s/secret\",service=\"s\"".formatted(elsewhere.address()));
            elsewhere.script(
                    "/secret", new Fault.Refusal(404, "SECRET", "internal metadata: token=abc"));
            assertThatThrownBy(() -> new ResolveManifest(anonymous()).head("1"))
                    .hasMessageContaining("token endpoint answered 404")
                    .message()
                    .doesNotContain("SECRET", "abc");
            Digest digest = server.blob("team/app", BLOB);
            server.admit(_ -> true, "");
            server.script(blobPath(digest), new Fault.Redirect(elsewhere.address() + "/secret"));
            elsewhere.script(
                    "/secret", new Fault.Refusal(403, "SECRET", "internal metadata: token=abc"));
            assertThatThrownBy(() -> new FetchBlob(anonymous()).open(digest, 0, BLOB.length))
                    .hasMessageContaining("answered 403 from 127.0.0.1")
                    .message()
                    .doesNotContain("SECRET", "abc");
        }
    }

    /** What is in memory of all documents that are on their way has one limit. */
    @Test
    void aDocumentThatFindsNoRoomFailsAlone() throws IOException {
        var memory = new MemoryBudget(1 << 20, Duration.ofMillis(1));
        try (var bounded = new Registries(RegistrySettings.of(List.of(certs)), memory)) {
            ImageRef ref = ImageRef.parse(server.authority() + "/team/app:1");
            var session = bounded.sessions(ref, Optional.empty()).getLast();
            server.manifest("team/app", MANIFEST_TYPE, new byte[1 << 20], "large");
            server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
            assertThatThrownBy(() -> new ResolveManifest(session).get("large"))
                    .isInstanceOf(MemoryExhausted.class);
            assertThat(new ResolveManifest(session).get("1").bytes()).isEqualTo(MANIFEST);
            assertThat(memory.held(ForeignKind.DOCUMENTS)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://169.254.1.1/latest", "http://[fe80::1]/", "http://0.0.0.0:1/"})
    void aRegistryLeadsNobodyToAddressesOfTheLink(String target) {
        Digest digest = server.blob("team/app", BLOB);
        server.script(blobPath(digest), new Fault.Redirect(target));
        assertThatThrownBy(() -> new FetchBlob(anonymous()).open(digest, 0, BLOB.length))
                .hasMessageContaining("redirected to ")
                .hasMessageContaining("which is an address of this machine");
        server.admit(_ -> false, "Bearer realm=\"%s\",service=\"s\"".formatted(target));
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).head("1"))
                .hasMessageContaining("names a token endpoint at ")
                .hasMessageContaining("which is an address of this machine");
    }
}
