package io.berth.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CertificateTest {
    @TempDir private static Path folder = Path.of("");

    @BeforeAll
    static void pairs() throws IOException, GeneralSecurityException {
        KeyPairFiles.write(folder, "a", "EC");
        KeyPairFiles.write(folder, "b", "EC");
        KeyPairFiles.write(folder, "RSA", "RSA");
        KeyPairFiles.write(folder, "Ed25519", "Ed25519");
    }

    private StreamSettings.Tls files(String certificate, String key) {
        return new StreamSettings.Tls(folder.resolve(certificate), folder.resolve(key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "RSA", "Ed25519"})
    void aPairOfEachKindIsRead(String name) throws IOException {
        var pair = Certificate.read(files(name + ".crt", name + ".key"));
        assertThat(pair.chain()).hasSize(1);
        assertThat(pair.key().getAlgorithm())
                .isEqualTo(pair.chain().getFirst().getPublicKey().getAlgorithm());
    }

    @Test
    void theKeyOfAnotherCertificateIsRefused() {
        assertThatThrownBy(() -> Certificate.read(files("a.crt", "b.key")))
                .hasMessageContaining("b.key: is not the key of certificate")
                .hasMessageContaining("a.crt");
    }

    @Test
    void aKeyOfAnotherKindIsRefused() {
        assertThatThrownBy(() -> Certificate.read(files("a.crt", "RSA.key")))
                .hasMessageContaining("RSA.key: is no EC key");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> Certificate.read(files("no.crt", "a.key")))
                .hasMessageContaining("streaming.tls_cert")
                .hasMessageContaining("no.crt: no such file");
        assertThatThrownBy(() -> Certificate.read(files("a.crt", "no.key")))
                .hasMessageContaining("streaming.tls_key")
                .hasMessageContaining("no.key: no such file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "words",
                "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\n=A=\n-----END PRIVATE KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
            })
    void whatIsNoKeyIsRefused(String text) throws IOException {
        Files.writeString(folder.resolve("bad.key"), text);
        assertThatThrownBy(() -> Certificate.read(files("a.crt", "bad.key")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bad.key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "words",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
            })
    void whatIsNoCertificateIsRefused(String text) throws IOException {
        Files.writeString(folder.resolve("bad.crt"), text);
        assertThatThrownBy(() -> Certificate.read(files("bad.crt", "a.key")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("streaming.tls_cert")
                .hasMessageContaining("bad.crt");
    }

    @Test
    void aHugeFileIsNotReadToItsEnd() throws IOException {
        Files.write(folder.resolve("huge.key"), new byte[(1 << 20) + 1]);
        assertThatThrownBy(() -> Certificate.read(files("a.crt", "huge.key")))
                .hasMessageContaining("larger than");
    }
}
