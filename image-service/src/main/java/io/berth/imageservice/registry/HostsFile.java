package io.berth.imageservice.registry;

import io.berth.imageservice.registry.RegistryHost.Capability;
import io.berth.imageservice.registry.RegistryHost.ClientPair;
import io.berth.imageservice.registry.RegistryHost.Trust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * Reads one {@code hosts.toml} in containerd's format: where a registry's images are looked for.
 *
 * <pre>
 * server = "https://registry-1.docker.io"      # asked last; absent: the registry itself
 * [host."https://mirror.example:5000"]         # asked in the order of the file
 *   capabilities  = ["pull", "resolve"]
 *   ca            = "ca.crt"                   # or a list; relative to this file
 *   client        = [["client.cert", "client.key"]]
 *   skip_verify   = false
 *   override_path = false                      # true: no /v2 is added
 *   dial_timeout  = "5s"
 *   [host."https://mirror.example:5000".header]
 *     x-tenant = "node"
 * </pre>
 *
 * <p>All problems of a file are reported together. Keys that are not known here are left alone, so
 * that a file written for a newer containerd still works.
 */
final class HostsFile {

    private static final long MAX_BYTES = 1 << 20;
    private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h)");
    private static final Set<String> RESERVED_HEADERS =
            Set.of("host", "connection", "content-length", "expect", "upgrade");

    private final Path file;
    private final List<String> problems = new ArrayList<>();

    private HostsFile(Path file) {
        this.file = file;
    }

    /**
     * The hosts of a file in the order in which they are asked, the server last.
     *
     * @param registryBase where the registry itself answers, for a file that names no server
     * @throws IOException when the file cannot be read or has problems; the message lists them all
     */
    static List<RegistryHost> read(Path file, URI registryBase) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + ": larger than " + MAX_BYTES + " bytes");
        }
        TomlParseResult toml = Toml.parse(file);
        if (toml.hasErrors()) {
            throw new IOException(file + ": " + toml.errors().getFirst());
        }
        var reader = new HostsFile(file);
        List<RegistryHost> hosts = reader.hosts(toml, registryBase);
        if (!reader.problems.isEmpty()) {
            throw new IOException(file + ": " + String.join("; ", reader.problems));
        }
        return hosts;
    }

    private List<RegistryHost> hosts(TomlTable toml, URI registryBase) {
        List<RegistryHost> hosts = new ArrayList<>();
        TomlTable tables = table(toml, "host");
        if (tables != null) {
            List<String> names = new ArrayList<>(tables.keySet());
            names.sort(Comparator.comparingInt(name -> line(tables, name)));
            for (String name : names) {
                TomlTable body = table(tables, name);
                URI base = body == null ? null : base(name, flag(body, "override_path"));
                if (body != null && base != null) {
                    hosts.add(host(base, false, body));
                }
            }
        }
        String server = text(toml, "server");
        URI base = server == null ? registryBase : base(server, flag(toml, "override_path"));
        if (base != null) {
            hosts.add(host(base, true, toml));
        }
        return hosts;
    }

    private static int line(TomlTable tables, String name) {
        var position = tables.inputPositionOf(List.of(name));
        return position == null ? 0 : position.line();
    }

    private RegistryHost host(URI base, boolean origin, TomlTable body) {
        Trust trust =
                new Trust(paths(body.get("ca"), "ca"), clients(body), flag(body, "skip_verify"));
        return new RegistryHost(
                base, origin, capabilities(body), headers(body), trust, dialTimeout(body));
    }

    private @Nullable URI base(String text, boolean overridePath) {
        String address =
                text.contains("://") ? text : Registries.defaultScheme(text) + "://" + text;
        try {
            URI uri = URI.create(address);
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (!web || uri.getHost() == null || uri.getRawUserInfo() != null) {
                problems.add("host \"" + text + "\": wanted http[s]://host[:port][/path]");
                return null;
            }
            String path = uri.getRawPath().replaceAll("/+$", "");
            String root = uri.getScheme() + "://" + uri.getRawAuthority() + path;
            boolean complete = overridePath || path.endsWith("/v2");
            return URI.create(complete ? root : root + "/v2");
        } catch (IllegalArgumentException malformed) {
            problems.add("host \"" + text + "\": " + malformed.getMessage());
            return null;
        }
    }

    private Set<Capability> capabilities(TomlTable body) {
        Object value = body.get("capabilities");
        if (value == null) {
            return EnumSet.of(Capability.PULL, Capability.RESOLVE);
        }
        Set<Capability> found = EnumSet.noneOf(Capability.class);
        for (String word : texts(value, "capabilities")) {
            try {
                found.add(Capability.valueOf(word.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException _) {
                problems.add(
                        "capabilities: found \""
                                + word
                                + "\", wanted pull, resolve, push or referrers");
            }
        }
        return found;
    }

    private Map<String, List<String>> headers(TomlTable body) {
        TomlTable table = table(body, "header");
        Map<String, List<String>> headers = new LinkedHashMap<>();
        if (table == null) {
            return headers;
        }
        for (String name : table.keySet()) {
            if (RESERVED_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                problems.add("header " + name + ": is set by the connection itself");
            } else {
                headers.put(name, texts(table.get(List.of(name)), "header " + name));
            }
        }
        return headers;
    }

    private List<ClientPair> clients(TomlTable body) {
        Object value = body.get("client");
        List<ClientPair> pairs = new ArrayList<>();
        if (value instanceof TomlArray array) {
            for (int i = 0; i < array.size(); i++) {
                List<Path> pair = paths(array.get(i), "client");
                if (pair.isEmpty() || pair.size() > 2) {
                    problems.add("client: found " + pair.size() + " files, wanted one or a pair");
                } else {
                    pairs.add(new ClientPair(pair.getFirst(), pair.getLast()));
                }
            }
        } else {
            paths(value, "client").forEach(path -> pairs.add(new ClientPair(path, path)));
        }
        return pairs;
    }

    private Optional<Duration> dialTimeout(TomlTable body) {
        String text = text(body, "dial_timeout");
        if (text == null) {
            return Optional.empty();
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            problems.add("dial_timeout: found \"" + text + "\", wanted a duration such as 5s");
            return Optional.empty();
        }
        double unitMillis =
                switch (matcher.group(2)) {
                    case "ms" -> 1;
                    case "s" -> 1_000;
                    case "m" -> 60_000;
                    case String _ -> 3_600_000;
                };
        return Optional.of(
                Duration.ofMillis((long) (Double.parseDouble(matcher.group(1)) * unitMillis)));
    }

    private List<Path> paths(@Nullable Object value, String key) {
        return texts(value, key).stream().map(text -> file.resolveSibling(text)).toList();
    }

    private List<String> texts(@Nullable Object value, String key) {
        List<String> texts = new ArrayList<>();
        if (value instanceof String text) {
            texts.add(text);
        } else if (value instanceof TomlArray array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.get(i) instanceof String text) {
                    texts.add(text);
                } else {
                    problems.add(key + ": found an element that is no string");
                }
            }
        } else if (value != null) {
            problems.add(key + ": wanted a string or a list of strings");
        }
        return texts;
    }

    private @Nullable TomlTable table(TomlTable parent, String key) {
        Object value = parent.get(List.of(key));
        if (value == null || value instanceof TomlTable) {
            return (TomlTable) value;
        }
        problems.add(key + ": wanted a table");
        return null;
    }

    private @Nullable String text(TomlTable parent, String key) {
        Object value = parent.get(List.of(key));
        if (value == null || value instanceof String) {
            return (String) value;
        }
        problems.add(key + ": wanted a string");
        return null;
    }

    private boolean flag(TomlTable parent, String key) {
        Object value = parent.get(List.of(key));
        if (value == null || value instanceof Boolean) {
            return value != null && (Boolean) value;
        }
        problems.add(key + ": wanted true or false");
        return false;
    }
}
