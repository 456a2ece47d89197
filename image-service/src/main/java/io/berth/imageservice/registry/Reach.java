package io.berth.imageservice.registry;

import java.net.InetAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * How far the word of a registry reaches. A registry names other hosts, as its token endpoint and
 * by redirects; whoever wrote it may want this node to ask a host that he himself cannot ask.
 *
 * <ul>
 *   <li>Nothing is asked at addresses of this machine, of its link or of its cloud's metadata,
 *       unless the registry itself is there or the registry's hosts.toml names the host.
 *   <li>Credentials of a registry over https go to any token endpoint over https; those of a
 *       registry over http only to the registry itself and to hosts of its hosts.toml.
 * </ul>
 *
 * <p>Names are resolved for this. Behind a proxy, which resolves by itself, only addresses and
 * names of this machine are recognised.
 */
final class Reach {
    private static final Set<String> METADATA =
            Set.of(
                    "100.100.100.200",
                    "168.63.129.16",
                    "192.0.0.192",
                    "fd00:ec2:0:0:0:0:0:254",
                    "fd20:ce:0:0:0:0:0:254");

    /** The first bytes of addresses that carry an IPv4 address in their last four (RFC 6052). */
    private static final byte[] NAT64 = {0, 0x64, (byte) 0xff, (byte) 0x9b, 0, 0, 0, 0, 0, 0, 0, 0};

    private static final int IPV4_BYTES = 4;

    private final URI base;
    private final Set<String> listed;
    private final ProxySelector proxies;
    private final Names names;

    /** Finds the addresses of a name. */
    interface Names {
        List<InetAddress> addresses(String host) throws UnknownHostException;
    }

    /**
     * Reaches as far as one registry may.
     *
     * @param base where the registry is
     * @param listed what its hosts.toml names, by {@link #authority}
     */
    Reach(URI base, Set<String> listed, ProxySelector proxies) {
        this(base, listed, proxies, host -> List.of(InetAddress.getAllByName(host)));
    }

    Reach(URI base, Set<String> listed, ProxySelector proxies, Names names) {
        this.base = base;
        this.listed = Set.copyOf(listed);
        this.proxies = proxies;
        this.names = names;
    }

    /** Host and port of an address, in one form for all that mean the same. */
    static String authority(URI uri) {
        int known = "https".equals(uri.getScheme()) ? 443 : 80;
        return String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT)
                + ":"
                + (uri.getPort() < 0 ? known : uri.getPort());
    }

    /** True for the registry itself, or a host that its hosts.toml names. */
    boolean isItsOwn(URI uri) {
        return isRegistry(uri) || listed.contains(authority(uri));
    }

    /** True for the registry itself. */
    boolean isRegistry(URI uri) {
        return authority(uri).equals(authority(base));
    }

    /** Whether a token endpoint may see the credentials. */
    boolean maySeeCredentials(URI realm) {
        if (isItsOwn(realm)) {
            return true;
        }
        boolean secure = "https".equals(realm.getScheme());
        boolean sameHost =
                String.valueOf(realm.getHost()).equalsIgnoreCase(String.valueOf(base.getHost()));
        return secure && (sameHost || "https".equals(base.getScheme()));
    }

    /** Why nothing may be asked there; empty if it may. */
    Optional<String> refusal(URI to) {
        if (isItsOwn(to)) {
            return Optional.empty();
        }
        var there = addresses(to);
        var kind = there.stream().flatMap(each -> kind(each).stream()).findFirst();
        if (kind.isEmpty()) {
            return Optional.empty();
        }
        var here = addresses(base);
        boolean same =
                there.stream()
                        .filter(each -> kind(each).isPresent())
                        .allMatch(each -> here.stream().anyMatch(own -> samePlace(own, each)));
        return same ? Optional.empty() : kind;
    }

    private static boolean samePlace(InetAddress own, InetAddress other) {
        return own.equals(other) || (own.isLoopbackAddress() && other.isLoopbackAddress());
    }

    private List<InetAddress> addresses(URI uri) {
        var host = String.valueOf(uri.getHost()).replaceAll("[\\[\\]]", "");
        try {
            return isDirect(uri) ? names.addresses(host) : List.of(InetAddress.ofLiteral(host));
        } catch (UnknownHostException | IllegalArgumentException unknown) {
            return List.of(); // the request itself says so, or the proxy knows
        }
    }

    private boolean isDirect(URI uri) {
        return proxies.select(uri).stream().allMatch(each -> each.type() == Proxy.Type.DIRECT);
    }

    private static Optional<String> kind(InetAddress address) {
        var inner = embedded(address);
        if (inner.isPresent()) {
            return kind(inner.get());
        }
        if (address.isLoopbackAddress() || address.isAnyLocalAddress() || isZeroNet(address)) {
            return Optional.of("an address of this machine");
        }
        if (METADATA.contains(address.getHostAddress())) {
            return Optional.of("an address of a cloud's metadata");
        }
        if (address.isLinkLocalAddress() || address.isMulticastAddress()) {
            return Optional.of("an address of this machine's link");
        }
        return Optional.empty();
    }

    /** 0.0.0.0/8, which Linux takes for this machine in part. */
    private static boolean isZeroNet(InetAddress address) {
        var bytes = address.getAddress();
        return bytes.length == IPV4_BYTES && bytes[0] == 0;
    }

    /** The IPv4 address in an IPv6 address that leads to it. */
    private static Optional<InetAddress> embedded(InetAddress address) {
        var bytes = address.getAddress();
        if (bytes.length == IPV4_BYTES
                || address.isLoopbackAddress()
                || address.isAnyLocalAddress()) {
            return Optional.empty();
        }
        var head = Arrays.copyOf(bytes, NAT64.length);
        if (!Arrays.equals(head, NAT64) && !Arrays.equals(head, new byte[NAT64.length])) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    InetAddress.getByAddress(
                            Arrays.copyOfRange(bytes, NAT64.length, bytes.length)));
        } catch (UnknownHostException impossible) {
            throw new AssertionError("four bytes are an address", impossible);
        }
    }
}
