package io.berth.imageservice.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and private keys from PEM files (RFC 7468). */
final class PemFiles {

    private static final long MAX_BYTES = 4 << 20;
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE KEY-----");

    /** AlgorithmIdentifier rsaEncryption, in DER. */
    private static final byte[] RSA_ALGORITHM = Base64.getDecoder().decode("MA0GCSqGSIb3DQEBAQUA");

    private PemFiles() {}

    /** All certificates of a file, in its order, at least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        byte[] pem = bytes(file);
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty()) {
                throw new IOException(file + ": holds no certificate");
            }
            return found;
        } catch (CertificateException malformed) {
            throw new IOException(file + ": holds no readable certificate", malformed);
        }
    }

    /** The first private key of a file: PKCS#8, or PKCS#1 for RSA. */
    static PrivateKey privateKey(Path file) throws IOException {
        Matcher matcher = KEY.matcher(new String(bytes(file), StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new IOException(file + ": holds no private key in PEM form");
        }
        String kind = matcher.group(1).strip();
        byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
        return switch (kind) {
            case "" -> key(file, der, "RSA", "EC", "EdDSA");
            case "RSA" -> key(file, wrapped(der), "RSA");
            case String other ->
                    throw new IOException(
                            file
                                    + ": found a key of kind "
                                    + other
                                    + ", wanted PKCS#8; convert it with openssl pkcs8 -topk8 -nocrypt");
        };
    }

    private static PrivateKey key(Path file, byte[] der, String... algorithms) throws IOException {
        GeneralSecurityException last = null;
        for (String algorithm : algorithms) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException other) {
                last = other;
            }
        }
        throw new IOException(file + ": holds no RSA, EC or EdDSA key", last);
    }

    /** PKCS#1 inside PKCS#8: SEQUENCE { INTEGER 0, AlgorithmIdentifier, OCTET STRING }. */
    private static byte[] wrapped(byte[] pkcs1) {
        byte[] octets = tagged(0x04, pkcs1);
        byte[] version = {0x02, 0x01, 0x00};
        byte[] body = new byte[version.length + RSA_ALGORITHM.length + octets.length];
        System.arraycopy(version, 0, body, 0, version.length);
        System.arraycopy(RSA_ALGORITHM, 0, body, version.length, RSA_ALGORITHM.length);
        System.arraycopy(octets, 0, body, version.length + RSA_ALGORITHM.length, octets.length);
        return tagged(0x30, body);
    }

    private static byte[] tagged(int tag, byte[] body) {
        byte[] out = new byte[body.length + 5];
        out[0] = (byte) tag;
        out[1] = (byte) 0x83; // three bytes of length follow
        out[2] = (byte) (body.length >> 16);
        out[3] = (byte) (body.length >> 8);
        out[4] = (byte) body.length;
        System.arraycopy(body, 0, out, 5, body.length);
        return out;
    }

    private static byte[] bytes(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + ": larger than " + MAX_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }
}
