package io.berth.imageservice.registry;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.registry.AttemptFailed.Kind;
import io.berth.imageservice.registry.RegistryHost.Capability;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * One host asked for one repository: sends requests, answers its challenges and follows its
 * redirects. What proves who we are goes to this host alone: a redirect that leads elsewhere
 * carries neither credentials nor the host's own headers, and no word of an error that it ends in
 * is told. May be used by several threads.
 */
public final class RegistrySession {

    private static final int PART_BYTES = 16 << 10;

    /** A document that comes in drops holds its memory for no longer. */
    private static final Duration DOCUMENT_TIME = Duration.ofMinutes(1);

    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_CHALLENGES = 2;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private static final Set<Integer> TRANSIENT = Set.of(408, 425, 429);

    private final RegistryHost host;
    private final Reach reach;
    private final MemoryBudget memory;
    private final ImageRef ref;
    private final Optional<Credentials> credentials;
    private final HttpClient http;
    private final RegistrySettings settings;
    private volatile String authorization = "";

    RegistrySession(
            RegistryHost host,
            Reach reach,
            MemoryBudget memory,
            ImageRef ref,
            Optional<Credentials> credentials,
            HttpClient http,
            RegistrySettings settings) {
        this.host = host;
        this.reach = reach;
        this.memory = memory;
        this.ref = ref;
        this.credentials = credentials;
        this.http = http;
        this.settings = settings;
    }

    /** The host that is asked. */
    public RegistryHost host() {
        return host;
    }

    /** True when the host may be asked for that. */
    public boolean can(Capability capability) {
        return host.can(capability);
    }

    ImageRef ref() {
        return ref;
    }

    Reach reach() {
        return reach;
    }

    RegistrySettings settings() {
        return settings;
    }

    Optional<Credentials> credentials() {
        return credentials;
    }

    /** What is asked of a host: method, address below the repository, and headers. */
    record Ask(String method, URI uri, Map<String, String> headers) {}

    /**
     * The answer to {@code ask}, whatever its status but a challenge that can be met. The caller
     * closes the body.
     */
    HttpResponse<InputStream> send(Ask ask) throws AttemptFailed {
        for (int challenges = 0; ; challenges++) {
            String sent = authorization;
            HttpResponse<InputStream> answer = follow(ask, sent);
            boolean ours = isHost(answer.uri());
            if (answer.statusCode() != 401 || !ours || challenges == MAX_CHALLENGES) {
                return answer;
            }
            List<Challenge> wanted =
                    Challenge.parse(answer.headers().allValues("www-authenticate"));
            String next = new Authorize(this, wanted).header(sent);
            if (next.isEmpty()) {
                return answer;
            }
            discard(answer);
            authorization = next;
        }
    }

    private HttpResponse<InputStream> follow(Ask ask, String sent) throws AttemptFailed {
        URI uri = ask.uri();
        for (int hops = 0; ; hops++) {
            HttpResponse<InputStream> answer = exchange(request(ask, uri, sent));
            if (!REDIRECTS.contains(answer.statusCode())) {
                return answer;
            }
            Optional<String> location = answer.headers().firstValue("location");
            discard(answer);
            if (location.isEmpty() || hops == MAX_REDIRECTS) {
                String why = location.isEmpty() ? "without a target" : "too many times";
                throw failed(Kind.FINAL, "redirected " + why);
            }
            uri = redirected(uri, location.get());
        }
    }

    private URI redirected(URI from, String location) throws AttemptFailed {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException _) {
            throw failed(Kind.FINAL, "redirected to an address that cannot be read");
        }
        boolean web = "http".equals(to.getScheme()) || "https".equals(to.getScheme());
        if (!web || to.getHost() == null || to.getRawUserInfo() != null) {
            throw failed(Kind.FINAL, "redirected to something that is no web address");
        }
        if ("https".equals(from.getScheme()) && "http".equals(to.getScheme())) {
            throw failed(Kind.FINAL, "redirected from https to plain http at " + to.getHost());
        }
        Optional<String> refusal = reach.refusal(to);
        if (refusal.isPresent()) {
            throw failed(
                    Kind.FINAL,
                    "redirected to %s, which is %s; a hosts.toml can name that host"
                            .formatted(to.getHost(), refusal.get()));
        }
        return to;
    }

    private HttpRequest request(Ask ask, URI uri, String sent) {
        var request =
                HttpRequest.newBuilder(uri)
                        .timeout(settings.answerTimeout())
                        .header("User-Agent", settings.userAgent())
                        .method(ask.method(), HttpRequest.BodyPublishers.noBody());
        ask.headers().forEach(request::header);
        if (isHost(uri)) {
            host.headers().forEach((name, values) -> values.forEach(v -> request.header(name, v)));
            if (!sent.isEmpty()) {
                request.setHeader("Authorization", sent);
            }
        }
        return request.build();
    }

    private boolean isHost(URI uri) {
        return uri.getScheme().equals(host.base().getScheme())
                && uri.getRawAuthority().equalsIgnoreCase(host.base().getRawAuthority());
    }

    /** Sends one request as it is; the only place that touches the network. */
    HttpResponse<InputStream> exchange(HttpRequest request) throws AttemptFailed {
        try {
            return http.send(request, BodyHandlers.ofInputStream());
        } catch (IllegalArgumentException refused) { // a port that is none, where we were sent
            throw new AttemptFailed(
                    host,
                    Kind.FINAL,
                    "sent us to an address that cannot be asked: " + request.uri().getAuthority(),
                    refused);
        } catch (IOException broken) {
            throw broken(host, broken);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AttemptFailed(host, Kind.FINAL, "the request was interrupted", stopped);
        }
    }

    /** The body under the minimum rate; the caller closes it. */
    InputStream body(HttpResponse<InputStream> answer) {
        return new GuardedBody(answer.body(), settings.rate(), host);
    }

    /**
     * Reads a small body whole, counting what has come of it against the memory for documents.
     *
     * @throws io.berth.linux.foreign.MemoryExhausted when others leave no room for it
     */
    byte[] bytes(HttpResponse<InputStream> answer, int maxBytes, String what) throws AttemptFailed {
        try (InputStream body = body(answer);
                var share = memory.take(ForeignKind.DOCUMENTS, PART_BYTES)) {
            long until = System.nanoTime() + DOCUMENT_TIME.toNanos();
            var bytes = new ByteArrayOutputStream();
            var part = new byte[PART_BYTES];
            for (int n = body.read(part); n >= 0; n = body.read(part)) {
                share.grow(n);
                bytes.write(part, 0, n);
                if (bytes.size() > maxBytes) {
                    throw failed(
                            Kind.FINAL,
                            "%s is larger than the limit of %d bytes".formatted(what, maxBytes));
                }
                if (System.nanoTime() - until > 0) {
                    throw failed(
                            Kind.TRANSIENT,
                            "%s did not come within %d s"
                                    .formatted(what, DOCUMENT_TIME.toSeconds()));
                }
            }
            return bytes.toByteArray();
        } catch (AttemptFailed known) {
            throw known;
        } catch (IOException broken) {
            throw broken(host, broken);
        }
    }

    /** The failure that an unexpected status amounts to; closes the body. */
    AttemptFailed refused(HttpResponse<InputStream> answer, String what) {
        int status = answer.statusCode();
        boolean ours = isHost(answer.uri());
        String said = ours ? RegistryErrors.read(this, answer) : "";
        if (!ours) {
            discard(answer);
        }
        String where = ours ? "" : " from " + answer.uri().getHost();
        String found = "%s answered %d%s%s".formatted(what, status, where, said);
        if (status == 401 || status == 403) {
            return failed(Kind.UNAUTHORIZED, found + "; " + whatWasSent());
        }
        if (status == 404 || status == 410) {
            return failed(Kind.NOT_FOUND, found);
        }
        boolean passing = status >= 500 || TRANSIENT.contains(status);
        return failed(passing ? Kind.TRANSIENT : Kind.FINAL, found);
    }

    /** For error messages: whether credentials went to this host. */
    String whatWasSent() {
        return (credentials.isPresent() ? "credentials were" : "no credentials were")
                + " sent for "
                + ref.registry();
    }

    AttemptFailed failed(Kind kind, String found) {
        return new AttemptFailed(host, kind, found, null);
    }

    void discard(HttpResponse<InputStream> answer) {
        RegistryErrors.drain(answer.body());
    }

    /** The failure that an I/O error amounts to. */
    static AttemptFailed broken(RegistryHost host, IOException cause) {
        if (cause instanceof AttemptFailed known) {
            return known;
        }
        String found =
                switch (cause) {
                    case HttpConnectTimeoutException _ -> "connect timed out";
                    case HttpTimeoutException _ -> "no answer in time";
                    case ConnectException refused when unresolved(refused) ->
                            "the host name cannot be resolved";
                    case ConnectException _ -> "connection refused";
                    case SSLException tls -> "TLS: " + tls.getMessage();
                    case IOException other ->
                            "connection broke: "
                                    + Optional.ofNullable(other.getMessage())
                                            .orElse(other.getClass().getSimpleName());
                };
        Kind kind = cause instanceof SSLException ? Kind.FINAL : Kind.TRANSIENT;
        return new AttemptFailed(host, kind, found, cause);
    }

    private static boolean unresolved(Throwable refused) {
        for (Throwable at = refused; at != null; at = at.getCause()) {
            if (at instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return false;
    }
}
