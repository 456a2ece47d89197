package io.berth.imageservice.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.registry.AttemptFailed.Kind;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.io.InputStream;
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

/** Every registry operation against a scripted server, with and without faults. */
class RegistrySessionTest {

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

    private static byte[] read(InputStream body) throws IOException {
        try (body) {
            return body.readAllBytes();
        }
    }

    @Test
    void tagIsResolvedAndItsManifestRead() throws IOException {
        Digest digest = server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
        var resolve = new ResolveManifest(anonymous());
        assertThat(resolve.head("1")).hasValue(digest);
        FoundManifest found = resolve.get("1");
        assertThat(found.digest()).isEqualTo(digest);
        assertThat(found.mediaType()).isEqualTo(MANIFEST_TYPE);
        assertThat(found.bytes()).isEqualTo(MANIFEST);
        assertThat(server.seen().getLast().header("Accept").orElseThrow())
                .contains(MANIFEST_TYPE, "manifest.list.v2");
    }

    @Test
    void missingTagIsNotFound() {
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).head("2"))
                .isInstanceOfSatisfying(
                        AttemptFailed.class,
                        failed -> assertThat(failed.kind()).isEqualTo(Kind.NOT_FOUND))
                .hasMessage(server.authority() + ": manifest answered 404");
    }

    @Test
    void hostThatIsNoRegistryIsSaidToBeNone() {
        server.script("/v2/", new Fault.Status(404));
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).head("2"))
                .hasMessageContaining("/v2/ does not answer as a registry");
    }

    @Test
    void oversizedManifestIsRefusedByItsLimit() {
        server.manifest("team/app", MANIFEST_TYPE, new byte[(4 << 20) + 1], "1");
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).get("1"))
                .hasMessageContaining("manifest is larger than the limit of 4194304 bytes");
    }

    @Test
    void refusalIsToldInTheRegistrysWords() {
        server.script(
                "/v2/team/app/manifests/1", new Fault.Refusal(403, "DENIED", "pull access denied"));
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).get("1"))
                .isInstanceOfSatisfying(
                        AttemptFailed.class,
                        failed -> assertThat(failed.kind()).isEqualTo(Kind.UNAUTHORIZED))
                .hasMessageContaining(
                        "manifest answered 403 (DENIED: pull access denied); no credentials were sent");
    }

    @Test
    void basicChallengeIsMetOnlyWithCredentials() throws IOException {
        server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
        server.admit(
                request -> request.header("Authorization").equals(Optional.of(USER_HEADER)),
                "Basic realm=\"x\"");
        assertThat(new ResolveManifest(session(Optional.of(USER))).head("1")).isPresent();
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).head("1"))
                .hasMessageContaining(
                        "manifest answered 401; no credentials were sent for 127.0.0.1");
    }

    private void wantsToken(String token) {
        server.admit(
                request -> request.header("Authorization").equals(Optional.of("Bearer " + token)),
                "Bearer realm=\"%s/token\",service=\"test\"".formatted(server.address()));
    }

    @Test
    void bearerTokenIsFetchedWithThePasswordAndUsed() throws IOException {
        server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
        server.put("/token", "{\"token\":\"t0ken\"}");
        wantsToken("t0ken");
        assertThat(new ResolveManifest(session(Optional.of(USER))).head("1")).isPresent();
        var asked = server.seen("/token").getFirst();
        assertThat(asked.method()).isEqualTo("GET");
        assertThat(asked.path())
                .isEqualTo("/token?service=test&scope=repository%3Ateam%2Fapp%3Apull");
        assertThat(asked.header("Authorization")).hasValue(USER_HEADER);
    }

    @Test
    void identityTokenIsExchangedByPost() throws IOException {
        server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
        server.put("/token", "{\"access_token\":\"t0ken\"}");
        wantsToken("t0ken");
        var identity = new Credentials.IdentityToken("", "refresh", "");
        assertThat(new ResolveManifest(session(Optional.of(identity))).head("1")).isPresent();
        var asked = server.seen("/token").getFirst();
        assertThat(asked.method()).isEqualTo("POST");
        assertThat(asked.body())
                .contains("grant_type=refresh_token", "refresh_token=refresh", "service=test");
    }

    @Test
    void registryTokenIsSentAsItIs() throws IOException {
        server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
        wantsToken("given");
        var token = new Credentials.RegistryToken("given", "");
        assertThat(new ResolveManifest(session(Optional.of(token))).head("1")).isPresent();
        assertThat(server.seen("/token")).isEmpty();
    }

    @Test
    void tokenEndpointThatRefusesIsNamedWithWhatWasSent() {
        server.script("/token", new Fault.Status(401));
        wantsToken("never");
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).head("1"))
                .isInstanceOfSatisfying(
                        AttemptFailed.class,
                        failed -> assertThat(failed.kind()).isEqualTo(Kind.UNAUTHORIZED))
                .hasMessageContaining(
                        "token endpoint answered 401; no credentials were sent for "
                                + server.authority());
    }

    @Test
    void expiredTokenIsFetchedAnewInTheMiddle() throws IOException {
        Digest digest = server.blob("team/app", BLOB);
        server.put("/token", "{\"token\":\"first\"}");
        wantsToken("first");
        var session = anonymous();
        assertThat(read(new FetchBlob(session).open(digest, 0, BLOB.length))).isEqualTo(BLOB);
        server.put("/token", "{\"token\":\"second\"}");
        wantsToken("second");
        assertThat(read(new FetchBlob(session).open(digest, 0, BLOB.length))).isEqualTo(BLOB);
        assertThat(server.seen("/token")).hasSize(2);
    }

    @Test
    void refusedTokenIsNotAskedForWithoutEnd() {
        server.put("/token", "{\"token\":\"wrong\"}");
        wantsToken("right");
        assertThatThrownBy(() -> new ResolveManifest(anonymous()).head("1"))
                .hasMessageContaining("answered 401");
        assertThat(server.seen("/token").size()).isLessThanOrEqualTo(3);
    }

    @Test
    void redirectToAnotherHostLosesCredentials() throws IOException {
        try (var elsewhere = new ScriptedRegistry()) {
            Digest digest = server.blob("team/app", BLOB);
            elsewhere.put("/signed", "application/octet-stream", BLOB);
            server.admit(
                    request -> request.header("Authorization").equals(Optional.of(USER_HEADER)),
                    "Basic realm=\"x\"");
            server.script(
                    blobPath(digest),
                    new Fault.Challenges(List.of("Basic realm=\"x\"")),
                    new Fault.Redirect(elsewhere.address() + "/signed"));
            var session = session(Optional.of(USER));
            assertThat(read(new FetchBlob(session).open(digest, 0, BLOB.length))).isEqualTo(BLOB);
            assertThat(server.seen().getLast().header("Authorization")).hasValue(USER_HEADER);
            assertThat(elsewhere.seen()).hasSize(1);
            assertThat(elsewhere.seen().getFirst().header("Authorization")).isEmpty();
        }
    }

    @Test
    void challengeOfARedirectsTargetIsNotMet() throws IOException {
        try (var elsewhere = new ScriptedRegistry()) {
            Digest digest = server.blob("team/app", BLOB);
            elsewhere.script("/signed", new Fault.Challenges(List.of("Basic realm=\"x\"")));
            server.script(blobPath(digest), new Fault.Redirect(elsewhere.address() + "/signed"));
            var session = session(Optional.of(USER));
            assertThatThrownBy(() -> new FetchBlob(session).open(digest, 0, BLOB.length))
                    .hasMessageContaining("answered 401 from 127.0.0.1");
            assertThat(elsewhere.seen()).hasSize(1);
            assertThat(elsewhere.seen().getFirst().header("Authorization")).isEmpty();
        }
    }

    @Test
    void redirectsEnd() {
        Digest digest = server.blob("team/app", BLOB);
        for (int i = 0; i < 7; i++) {
            server.script(blobPath(digest), new Fault.Redirect(blobPath(digest)));
        }
        assertThatThrownBy(() -> new FetchBlob(anonymous()).open(digest, 0, BLOB.length))
                .hasMessageContaining("redirected too many times");
    }

    @Test
    void redirectToSomethingElseThanTheWebIsRefused() {
        Digest digest = server.blob("team/app", BLOB);
        server.script(blobPath(digest), new Fault.Redirect("file:///etc/passwd"));
        assertThatThrownBy(() -> new FetchBlob(anonymous()).open(digest, 0, BLOB.length))
                .hasMessageContaining("no web address");
    }

    @Test
    void redirectToAPortThatIsNoneIsRefused() {
        Digest digest = server.blob("team/app", BLOB);
        var away = server.address().replaceFirst("[0-9]+$", "99999999") + "/blob";
        server.script(blobPath(digest), new Fault.Redirect(away));
        assertThatThrownBy(() -> new FetchBlob(anonymous()).open(digest, 0, BLOB.length))
                .isInstanceOf(AttemptFailed.class)
                .hasMessageContaining("cannot be asked");
    }

    @Test
    void blobIsReadFromAnOffset() throws IOException {
        Digest digest = server.blob("team/app", BLOB);
        byte[] rest = read(new FetchBlob(anonymous()).open(digest, 7, BLOB.length));
        assertThat(new String(rest, StandardCharsets.UTF_8)).startsWith("789012");
        assertThat(rest).hasSize(BLOB.length - 7);
        assertThat(server.seen().getLast().header("Range")).hasValue("bytes=7-");
    }

    @Test
    void hostWithoutRangesIsReadPastTheOffset() throws IOException {
        Digest digest = server.blob("team/app", BLOB);
        server.script(blobPath(digest), new Fault.IgnoresRange());
        byte[] rest = read(new FetchBlob(anonymous()).open(digest, 7, BLOB.length));
        assertThat(new String(rest, StandardCharsets.UTF_8)).startsWith("789012");
    }

    @Test
    void wrongRangeAndWrongLengthAreRefused() {
        Digest digest = server.blob("team/app", BLOB);
        server.script(blobPath(digest), new Fault.WrongRange(), new Fault.WrongLength(5));
        assertThatThrownBy(() -> new FetchBlob(anonymous()).open(digest, 7, BLOB.length))
                .hasMessageContaining("wanted it from 7");
        assertThatThrownBy(() -> new FetchBlob(anonymous()).open(digest, 0, BLOB.length))
                .hasMessageContaining("found 20005 bytes, the manifest says 20000");
    }

    @Test
    void brokenConnectionIsTransient() throws IOException {
        Digest digest = server.blob("team/app", BLOB);
        server.script(blobPath(digest), new Fault.Reset(100));
        InputStream body = new FetchBlob(anonymous()).open(digest, 0, BLOB.length);
        assertThatThrownBy(() -> read(body))
                .isInstanceOfSatisfying(
                        AttemptFailed.class,
                        failed -> assertThat(failed.kind()).isEqualTo(Kind.TRANSIENT))
                .hasMessageContaining("connection broke");
    }

    @Test
    void stalledAndTricklingBodiesAreGivenUp() throws IOException {
        Digest digest = server.blob("team/app", BLOB);
        server.script(blobPath(digest), new Fault.Stall(10), new Fault.Trickle(200));
        InputStream stalled = new FetchBlob(anonymous()).open(digest, 0, BLOB.length);
        assertThatThrownBy(() -> read(stalled)).hasMessageContaining("stalled: ");
        InputStream trickling = new FetchBlob(anonymous()).open(digest, 0, BLOB.length);
        assertThatThrownBy(() -> read(trickling))
                .hasMessageContaining("bytes in 2000 ms, wanted at least 50");
    }

    @Test
    void serverErrorsAreTransient() {
        server.script("/v2/team/app/manifests/1", new Fault.Status(500), new Fault.Status(429));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> new ResolveManifest(anonymous()).get("1"))
                    .isInstanceOfSatisfying(
                            AttemptFailed.class,
                            failed -> assertThat(failed.kind()).isEqualTo(Kind.TRANSIENT));
        }
    }

    @Test
    void registryThatIsDownIsNamedWithItsPort() {
        var session = anonymous();
        server.close();
        assertThatThrownBy(() -> new ResolveManifest(session).get("1"))
                .hasMessage(server.authority() + ": connection refused");
    }

    @Test
    void mirrorSeesNeitherTheRegistrysCredentialsNorItsHeaders() throws IOException {
        try (var mirror = new ScriptedRegistry()) {
            Files.createDirectory(certs.resolve(server.authority()));
            Files.writeString(
                    certs.resolve(server.authority()).resolve("hosts.toml"),
                    """
                    server = "%s"
                    [header]
                    x-origin = "yes"
                    [host."%s"]
                      capabilities = ["pull", "resolve"]
                      [host."%s".header]
                      x-mirror = "yes"
                    """
                            .formatted(server.address(), mirror.address(), mirror.address()));
            server.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
            mirror.manifest("team/app", MANIFEST_TYPE, MANIFEST, "1");
            server.admit(r -> r.header("Authorization").isPresent(), "Basic realm=\"x\"");
            mirror.admit(r -> r.header("Authorization").isPresent(), "Basic realm=\"x\"");
            ImageRef ref = ImageRef.parse(server.authority() + "/team/app:1");
            var sessions = registries.sessions(ref, Optional.of(USER));
            assertThat(sessions).hasSize(2);
            assertThatThrownBy(() -> new ResolveManifest(sessions.getFirst()).get("1"))
                    .hasMessageContaining("no credentials were sent");
            assertThat(new ResolveManifest(sessions.getLast()).get("1").bytes())
                    .isEqualTo(MANIFEST);
            assertThat(mirror.seen())
                    .allSatisfy(r -> assertThat(r.header("Authorization")).isEmpty())
                    .allSatisfy(r -> assertThat(r.header("x-mirror")).hasValue("yes"))
                    .allSatisfy(r -> assertThat(r.header("x-origin")).isEmpty());
        }
    }
}
