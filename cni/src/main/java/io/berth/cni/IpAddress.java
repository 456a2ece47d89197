package io.berth.cni;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * An IP address from foreign text: strict on the way in (no names, no octal, no zones), canonical
 * on the way out (RFC 5952). Never asks a resolver.
 */
record IpAddress(InetAddress value) {
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");
    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]{2,45}");

    /**
     * An address with the length of its subnet's prefix.
     *
     * @param prefix bits
     */
    record Cidr(IpAddress address, int prefix) {
        boolean isDefaultRoute() {
            return prefix == 0 && address.value().isAnyLocalAddress();
        }
    }

    /**
     * @throws IllegalArgumentException not the text of an address
     */
    static IpAddress parse(String text) {
        boolean v4 = V4.matcher(text).matches();
        if (!v4 && !(text.contains(":") && V6.matcher(text).matches())) {
            throw notAnAddress(text);
        }
        try {
            return new IpAddress(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException malformed) {
            throw notAnAddress(text);
        }
    }

    /**
     * @throws IllegalArgumentException not address, slash, prefix length
     */
    static Cidr parseCidr(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException(
                    "found \"%s\", wanted address/prefix-length".formatted(Excerpt.of(text)));
        }
        var address = parse(text.substring(0, slash));
        int prefix = Integer.parseInt(text.substring(slash + 1));
        int most = address.isV6() ? 128 : 32;
        if (prefix > most) {
            throw new IllegalArgumentException(
                    "found \"%s\", wanted a prefix length of at most %d"
                            .formatted(Excerpt.of(text), most));
        }
        return new Cidr(address, prefix);
    }

    boolean isV6() {
        return value instanceof Inet6Address;
    }

    /** Whether it can be one machine's own address on a network. */
    boolean isUsable() {
        return !value.isAnyLocalAddress() && !value.isMulticastAddress();
    }

    /** Canonical text: RFC 5952 for version 6 (lower case, longest run of zeros as "::"). */
    String text() {
        return isV6() ? compressed(value.getAddress()) : value.getHostAddress();
    }

    private static String compressed(byte[] bytes) {
        var groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int bestStart = -1;
        int bestLength = 1;
        for (int start = 0; start < 8; start++) {
            int end = start;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - start > bestLength) {
                bestStart = start;
                bestLength = end - start;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException(
                "found \"%s\", wanted an IP address".formatted(Excerpt.of(text)));
    }
}
