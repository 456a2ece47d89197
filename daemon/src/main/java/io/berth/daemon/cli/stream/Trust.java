package io.berth.daemon.cli.stream;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Which certificates of stream servers are believed. */
public final class Trust {
    private static final long FILE_BYTES = 4 << 20;

    private Trust() {}

    /**
     * Those that a file's certificates have signed, or that stand in it themselves; without a file
     * those that any program of this JVM believes.
     *
     * @throws IOException naming the file, if it has no certificates
     */
    public static SSLContext of(Optional<Path> file) throws IOException {
        try {
            if (file.isEmpty()) {
                return SSLContext.getDefault();
            }
            var trusted =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trusted.init(certificates(file.get()));
            var context = SSLContext.getInstance("TLS");
            context.init(null, trusted.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new IOException(
                    "--tls-ca %s: %s".formatted(file.orElse(Path.of("")), unusable.getMessage()),
                    unusable);
        }
    }

    private static KeyStore certificates(Path file) throws IOException, GeneralSecurityException {
        if (Files.size(file) > FILE_BYTES) {
            throw new IOException(
                    "--tls-ca %s: is larger than %d bytes".formatted(file, FILE_BYTES));
        }
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = new BufferedInputStream(Files.newInputStream(file))) {
            int number = 0;
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry(Integer.toString(number++), each);
            }
            if (number == 0) {
                throw new CertificateException("found no certificate, wanted some in PEM");
            }
        }
        return store;
    }
}
