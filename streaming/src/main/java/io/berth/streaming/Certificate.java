package io.berth.streaming;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A certificate with the chain above it, and the private key that belongs to it.
 *
 * @param chain the server's own first
 */
record Certificate(List<X509Certificate> chain, PrivateKey key) {
    private static final Logger LOG = System.getLogger(Certificate.class.getName());
    private static final int FILE_BYTES = 1 << 20;
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final byte[] PROBE = "does this key fit".getBytes(UTF_8);

    Certificate {
        chain = List.copyOf(chain);
    }

    /**
     * Reads both from PEM files.
     *
     * @throws IOException naming the file and what is wrong with it, or both if they do not fit
     */
    static Certificate read(StreamSettings.Tls files) throws IOException {
        var chain = chain(files.certificate());
        var own = chain.getFirst();
        var key = key(files.key(), own);
        if (!fit(own, key)) {
            throw new IOException(
                    ("streaming.tls_key %s: is not the key of certificate %s (%s); give the two"
                                    + " that were made together")
                            .formatted(
                                    files.key(),
                                    files.certificate(),
                                    own.getSubjectX500Principal()));
        }
        try {
            own.checkValidity();
        } catch (CertificateException outOfTime) {
            LOG.log(
                    Logger.Level.WARNING,
                    "streaming.tls_cert {0}: {1}; clients that look will refuse it",
                    files.certificate(),
                    outOfTime.getMessage());
        }
        return new Certificate(chain, key);
    }

    private static List<X509Certificate> chain(Path file) throws IOException {
        var bytes = bytes("streaming.tls_cert", file);
        try {
            var chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (CertificateException malformed) {
            throw new IOException(
                    ("streaming.tls_cert %s: %s; wanted PEM with CERTIFICATE blocks, the server's"
                                    + " own first")
                            .formatted(file, malformed.getMessage()),
                    malformed);
        }
        throw new IOException(
                ("streaming.tls_cert %s: found no certificate, wanted PEM with CERTIFICATE blocks,"
                                + " the server's own first")
                        .formatted(file));
    }

    private static PrivateKey key(Path file, X509Certificate certificate) throws IOException {
        var pem = PEM.matcher(new String(bytes("streaming.tls_key", file), ISO_8859_1));
        var found = "nothing in PEM";
        while (pem.find()) {
            found = "\"" + pem.group(1) + "\"";
            if (pem.group(1).equals("PRIVATE KEY")) {
                return decoded(file, pem.group(2), certificate.getPublicKey().getAlgorithm());
            }
        }
        throw new IOException(
                ("streaming.tls_key %s: found %s, wanted \"PRIVATE KEY\", which is PKCS#8 without a"
                                + " password; `openssl pkcs8 -topk8 -nocrypt` makes it from other forms")
                        .formatted(file, found));
    }

    private static PrivateKey decoded(Path file, String base64, String algorithm)
            throws IOException {
        try {
            var bytes = Base64.getMimeDecoder().decode(base64);
            return KeyFactory.getInstance(algorithm)
                    .generatePrivate(new PKCS8EncodedKeySpec(bytes));
        } catch (GeneralSecurityException | IllegalArgumentException other) {
            throw new IOException(
                    "streaming.tls_key %s: is no %s key, as its certificate wants one: %s"
                            .formatted(file, algorithm, other.getMessage()),
                    other);
        }
    }

    /** What the one has signed the other accepts. */
    private static boolean fit(X509Certificate certificate, PrivateKey key) throws IOException {
        var algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm(); // such as Ed25519, by its own name
                };
        try {
            var signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(PROBE);
            var checking = Signature.getInstance(algorithm);
            checking.initVerify(certificate.getPublicKey());
            checking.update(PROBE);
            return checking.verify(signing.sign());
        } catch (GeneralSecurityException unusable) {
            throw new IOException(
                    "streaming.tls_key: a key of %s cannot be used: %s"
                            .formatted(key.getAlgorithm(), unusable.getMessage()),
                    unusable);
        }
    }

    private static byte[] bytes(String name, Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(FILE_BYTES + 1);
            if (bytes.length > FILE_BYTES) {
                throw new IOException(
                        "%s %s: is larger than %d bytes".formatted(name, file, FILE_BYTES));
            }
            return bytes;
        } catch (NoSuchFileException missing) {
            throw new IOException("%s %s: no such file".formatted(name, file), missing);
        }
    }
}
