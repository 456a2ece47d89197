package io.berth.imageservice.registry;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.registry.RegistryHost.Capability;
import io.berth.imageservice.registry.RegistryHost.ClientPair;
import io.berth.imageservice.registry.RegistryHost.Trust;
import io.berth.linux.foreign.MemoryBudget;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Knows for each registry name the hosts to ask, and keeps one connection pool for each kind of
 * trust. Host files are read anew for each pull, so that a change needs no restart.
 */
public final class Registries implements Closeable {

    private static final String DOCKER_HUB = "docker.io";
    private static final String DOCKER_HUB_HOST = "registry-1.docker.io";

    private final RegistrySettings settings;
    private final MemoryBudget memory;
    private final Map<HttpClients.Key, HttpClient> clients = new ConcurrentHashMap<>();

    /** Speaks to registries as {@code settings} say, within a budget that is theirs alone. */
    public Registries(RegistrySettings settings) {
        this(settings, MemoryBudget.ofThisHeap());
    }

    /**
     * Speaks to registries as {@code settings} say; opens nothing yet.
     *
     * @param memory holds the documents that are being received
     */
    public Registries(RegistrySettings settings, MemoryBudget memory) {
        this.settings = settings;
        this.memory = memory;
    }

    /**
     * A session with every host that may hold the image, in the order in which they are asked.
     *
     * @throws ImageException.RegistryUnavailable when a host file or a certificate cannot be used
     */
    public List<RegistrySession> sessions(ImageRef ref, Optional<Credentials> credentials) {
        try {
            List<RegistrySession> sessions = new ArrayList<>();
            List<RegistryHost> hosts = hosts(ref.registry());
            Set<String> listed =
                    hosts.stream()
                            .map(host -> Reach.authority(host.base()))
                            .collect(Collectors.toSet());
            for (RegistryHost host : hosts) {
                var http = client(host);
                var proxies = http.proxy().orElseThrow();
                sessions.add(
                        new RegistrySession(
                                host,
                                new Reach(host.base(), listed, proxies),
                                memory,
                                ref,
                                CredentialScope.of(host, ref, credentials),
                                http,
                                settings));
            }
            return List.copyOf(sessions);
        } catch (IOException unusable) {
            throw new ImageException.RegistryUnavailable(
                    "image " + ref + ": " + unusable.getMessage(), unusable);
        }
    }

    /**
     * The hosts for a registry name: its host file's, else its folder's certificates, else itself.
     */
    List<RegistryHost> hosts(String registry) throws IOException {
        URI itself = itself(registry);
        for (Path root : settings.configPaths()) {
            for (Path folder : folders(root, registry)) {
                Path file = folder.resolve("hosts.toml");
                if (Files.isRegularFile(file)) {
                    return HostsFile.read(file, itself);
                }
                if (Files.isDirectory(folder)) {
                    Trust trust = certificates(folder);
                    URI base = trust.equals(Trust.SYSTEM) ? itself : secure(itself);
                    return List.of(origin(base, trust));
                }
            }
        }
        return List.of(origin(itself, Trust.SYSTEM));
    }

    private static URI secure(URI base) {
        return URI.create(base.toString().replaceFirst("^http:", "https:"));
    }

    private static RegistryHost origin(URI base, Trust trust) {
        return new RegistryHost(
                base,
                true,
                EnumSet.of(Capability.PULL, Capability.RESOLVE),
                Map.of(),
                trust,
                Optional.empty());
    }

    private static List<Path> folders(Path root, String registry) {
        List<Path> folders = new ArrayList<>();
        int colon = registry.lastIndexOf(':');
        if (colon > 0 && !registry.endsWith("]")) {
            folders.add(
                    root.resolve(
                            registry.substring(0, colon)
                                    + "_"
                                    + registry.substring(colon + 1)
                                    + "_"));
        }
        folders.add(root.resolve(registry));
        folders.add(root.resolve("_default"));
        return folders;
    }

    /** Docker's layout: every *.crt is an authority, every *.cert has a *.key beside it. */
    private static Trust certificates(Path folder) throws IOException {
        List<Path> authorities = new ArrayList<>();
        List<ClientPair> pairs = new ArrayList<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.endsWith(".crt")) {
                    authorities.add(file);
                } else if (name.endsWith(".cert")) {
                    Path key = file.resolveSibling(name.substring(0, name.length() - 5) + ".key");
                    if (!Files.isRegularFile(key)) {
                        throw new IOException(
                                file + ": its key " + key.getFileName() + " is missing");
                    }
                    pairs.add(new ClientPair(file, key));
                }
            }
        }
        return new Trust(authorities, pairs, false);
    }

    private static URI itself(String registry) {
        String host = registry.equals(DOCKER_HUB) ? DOCKER_HUB_HOST : registry;
        return URI.create(defaultScheme(registry) + "://" + host + "/v2");
    }

    /** Plain HTTP for this machine's own addresses, TLS for every other. */
    static String defaultScheme(String authority) {
        String host = authority.replaceAll("/.*$", "").replaceAll(":[0-9]+$", "");
        boolean local =
                Set.of("localhost", "::1", "[::1]").contains(host)
                        || host.matches("127(\\.[0-9]{1,3}){3}");
        return local ? "http" : "https";
    }

    private HttpClient client(RegistryHost host) throws IOException {
        var dial = host.dialTimeout().orElse(settings.dialTimeout());
        var key = new HttpClients.Key(host.trust(), dial, HttpClients.stamps(host.trust()));
        HttpClient known = clients.get(key);
        if (known != null) {
            return known;
        }
        HttpClient made = HttpClients.open(key);
        HttpClient first = clients.putIfAbsent(key, made);
        if (first != null) {
            made.close();
            return first;
        }
        return made;
    }

    /** Ends every connection; running requests fail. */
    @Override
    public void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        clients.clear();
    }
}
