package io.berth.imageservice.registry;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses a proxy as HTTP_PROXY, HTTPS_PROXY and NO_PROXY say, upper or lower case. This machine's
 * own addresses never go through one. An entry of NO_PROXY is a host, a domain with everything
 * below it (with or without a leading dot), either with a port, or {@code *}.
 */
final class EnvironmentProxies extends ProxySelector {

    private final Map<String, InetSocketAddress> byScheme;
    private final List<String> direct;

    private EnvironmentProxies(Map<String, InetSocketAddress> byScheme, List<String> direct) {
        this.byScheme = byScheme;
        this.direct = direct;
    }

    static EnvironmentProxies of(Map<String, String> environment) {
        var byScheme = new HashMap<String, InetSocketAddress>();
        for (String scheme : List.of("http", "https")) {
            proxy(variable(environment, scheme + "_proxy"))
                    .ifPresent(address -> byScheme.put(scheme, address));
        }
        List<String> direct =
                Arrays.stream(variable(environment, "no_proxy").split("[,\\s]+", -1))
                        .map(entry -> entry.toLowerCase(Locale.ROOT))
                        .filter(entry -> !entry.isEmpty())
                        .toList();
        return new EnvironmentProxies(Map.copyOf(byScheme), direct);
    }

    private static String variable(Map<String, String> environment, String name) {
        String upper = environment.getOrDefault(name.toUpperCase(Locale.ROOT), "");
        return upper.isEmpty() ? environment.getOrDefault(name, "") : upper;
    }

    private static Optional<InetSocketAddress> proxy(String value) {
        if (value.isBlank()) {
            return Optional.empty();
        }
        URI uri = URI.create(value.contains("://") ? value : "http://" + value);
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("proxy: found no host in the proxy variable");
        }
        int port = uri.getPort() < 0 ? 80 : uri.getPort();
        return Optional.of(InetSocketAddress.createUnresolved(uri.getHost(), port));
    }

    @Override
    public List<Proxy> select(URI uri) {
        InetSocketAddress proxy = byScheme.get(uri.getScheme());
        if (proxy == null || goesDirectly(uri)) {
            return List.of(Proxy.NO_PROXY);
        }
        return List.of(new Proxy(Proxy.Type.HTTP, proxy));
    }

    private boolean goesDirectly(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (Registries.defaultScheme(host).equals("http")) {
            return true;
        }
        String withPort = host + ":" + uri.getPort();
        return direct.stream()
                .anyMatch(
                        entry -> {
                            String domain = entry.startsWith(".") ? entry.substring(1) : entry;
                            return entry.equals("*")
                                    || covers(domain, host)
                                    || covers(domain, withPort);
                        });
    }

    private static boolean covers(String domain, String host) {
        return host.equals(domain) || host.endsWith("." + domain);
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // the request itself fails with the same cause
    }
}
