package io.berth.imageservice.registry;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;

/**
 * Asks whether a host speaks the registry protocol at all, so that a wrong address is not taken for
 * a missing image.
 *
 * <p>Source: OCI distribution-spec, "Determining Support" (end-1).
 */
public final class Ping {

    private final RegistrySession session;

    /** Asks the host of {@code session}. */
    public Ping(RegistrySession session) {
        this.session = session;
    }

    /** True when {@code /v2/} answers 200, or 401 or 403 as a registry that wants to know us. */
    public boolean isRegistry() throws AttemptFailed {
        var ask = new RegistrySession.Ask("GET", URI.create(session.host().base() + "/"), Map.of());
        HttpResponse<InputStream> answer = session.send(ask);
        session.discard(answer);
        int status = answer.statusCode();
        return status == 200 || status == 401 || status == 403;
    }
}
