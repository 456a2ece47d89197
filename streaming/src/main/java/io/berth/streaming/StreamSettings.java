package io.berth.streaming;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How streams are served.
 *
 * @param address host to listen on
 * @param port port to listen on; 0 leaves the choice to the kernel
 * @param idleTimeout how long a session may carry nothing
 * @param creationTimeout how long a client may take to ask for its streams
 * @param tls certificate and key, if clients come by https
 * @param waitingBytes how many bytes of all clients together may wait to be read
 */
public record StreamSettings(
        String address,
        int port,
        Duration idleTimeout,
        Duration creationTimeout,
        Optional<Tls> tls,
        int waitingBytes) {
    /** How long a client has to come for what it asked for. */
    static final Duration TOKEN_LIFE = Duration.ofMinutes(1);

    /** How many may be on their way at once. */
    static final int TOKENS = 1000;

    /** How many clients are served at once. */
    static final int CONNECTIONS = 1000;

    /** How many sockets may be open whose clients have not shown a token yet. */
    static final int STRANGERS = 128;

    /** How long a client may take to show its token, its TLS handshake included. */
    static final Duration STRANGER_TIME = Duration.ofSeconds(5);

    /** PEM files of a certificate chain and its private key in PKCS#8 form. */
    public record Tls(Path certificate, Path key) {}

    public StreamSettings {
        if (port < 0 || port > 0xffff) {
            throw new IllegalArgumentException(
                    "stream port: found %d, wanted 0 to 65535".formatted(port));
        }
        if (waitingBytes < 1) {
            throw new IllegalArgumentException(
                    "bytes waiting in streams: found %d, wanted 1 or more".formatted(waitingBytes));
        }
    }
}
