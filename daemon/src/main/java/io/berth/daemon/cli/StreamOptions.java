package io.berth.daemon.cli;

import io.berth.daemon.cli.stream.Trust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whom a command trusts that comes for streams. */
final class StreamOptions {
    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description =
                    "Certificates, in PEM, that are trusted where streams are served by https.")
    private @Nullable Path authority;

    SSLContext tls() throws IOException {
        return Trust.of(Optional.ofNullable(authority));
    }
}
