package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;

/** Certificates that sign themselves, made by the JDK's keytool. */
final class KeyPairFiles {
    private static final String PASSWORD = "not-secret";

    private KeyPairFiles() {}

    /** Writes NAME.crt and NAME.key with a pair of a kind of key, for 127.0.0.1. */
    static void write(Path folder, String name, String kind)
            throws IOException, GeneralSecurityException {
        var file = folder.resolve(name + ".p12");
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD,
                        "-keyalg",
                        kind,
                        "-alias",
                        "server",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=IP:127.0.0.1");
        var keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
        keytool.getOutputStream().close();
        var said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
        if (keytool.onExit().join().exitValue() != 0) {
            throw new IOException("keytool: " + said);
        }
        var store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        write(
                folder.resolve(name + ".crt"),
                "CERTIFICATE",
                store.getCertificate("server").getEncoded());
        var key = store.getKey("server", PASSWORD.toCharArray());
        write(folder.resolve(name + ".key"), "PRIVATE KEY", key.getEncoded());
    }

    private static void write(Path file, String label, byte[] der) throws IOException {
        var text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, text, label));
    }
}
