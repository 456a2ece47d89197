package io.berth.e2e.stream;

import io.berth.e2e.run.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for 127.0.0.1 that signs itself, with its key, made by the JDK's keytool. */
public record CertificateFiles(Path certificate, Path key, Path store) {
    private static final String PASSWORD = "not-secret";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Makes NAME.crt and NAME.key in a folder. */
    public static CertificateFiles make(Path folder, String name) throws IOException {
        var store = folder.resolve(name + ".p12");
        Command.need(
                LIMIT,
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-keyalg",
                "EC",
                "-alias",
                "server",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=IP:127.0.0.1");
        var files =
                new CertificateFiles(
                        folder.resolve(name + ".crt"), folder.resolve(name + ".key"), store);
        try {
            var pair = files.pair();
            pem(files.certificate, "CERTIFICATE", pair.getCertificate("server").getEncoded());
            var key = pair.getKey("server", PASSWORD.toCharArray());
            pem(files.key, "PRIVATE KEY", key.getEncoded());
        } catch (GeneralSecurityException unreadable) {
            throw new IOException(store.toString(), unreadable);
        }
        return files;
    }

    private KeyStore pair() throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    }

    private static void pem(Path file, String label, byte[] der) throws IOException {
        var text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                file, "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, text, label));
    }

    /** What a client needs that trusts this certificate and no other. */
    public SSLContext trusting() throws IOException {
        try {
            var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("server", pair().getCertificate("server"));
            var managers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            var context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new IOException(store.toString(), unusable);
        }
    }
}
