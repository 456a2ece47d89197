package io.berth.cni;

import java.util.List;

/**
 * Addresses that the pod asks for: the {@code ips} and {@code ipRanges} capabilities.
 *
 * @param ips addresses, each with an optional prefix length ({@code 10.1.2.3/24})
 * @param pools one address is taken from each pool; a pool is a list of ranges
 */
public record Addresses(List<String> ips, List<List<Range>> pools) {
    /** The network chooses. */
    public static final Addresses ANY = new Addresses(List.of(), List.of());

    public Addresses {
        ips = List.copyOf(ips);
        pools = pools.stream().map(List::copyOf).toList();
        ips.forEach(ip -> IpAddress.parse(ip.replaceFirst("/[0-9]{1,3}$", "")));
    }

    /**
     * A range of a subnet.
     *
     * @param subnet in CIDR notation
     * @param first first address; empty for the subnet's
     * @param last last address; empty for the subnet's
     * @param gateway empty for the subnet's first address
     */
    public record Range(String subnet, String first, String last, String gateway) {
        public Range {
            IpAddress.parseCidr(subnet);
        }

        /** The whole subnet. */
        public static Range of(String subnet) {
            return new Range(subnet, "", "", "");
        }
    }
}
