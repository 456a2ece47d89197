package io.berth.sandbox.request;

import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PortMapping;
import io.berth.sandbox.SandboxException;
import java.util.regex.Pattern;

/** Checks the host name, the ports and the kernel settings that a pod names. */
public final class PodNames {
    /** As long as the kernel lets a host name be (sethostname(2)). */
    private static final int MAX_HOSTNAME = 64;

    private static final int MAX_PORT = 65_535;

    /** Labels of a DNS name (RFC 1123), with the underscore that some hosts have. */
    private static final Pattern HOSTNAME =
            Pattern.compile(
                    "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
                            + "(\\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*");

    /** Words between dots or slashes, as sysctl(8) takes them; a word may be an interface's. */
    private static final Pattern SYSCTL =
            Pattern.compile("[A-Za-z0-9_@:+-]+([./][A-Za-z0-9_@:+-]+)*");

    private static final int MAX_SYSCTL = 253;

    private PodNames() {}

    /**
     * Returns if the names make sense.
     *
     * @throws SandboxException.InvalidRequest if one does not, with its field
     */
    public static void check(PodSandboxConfig config) {
        var hostname = config.getHostname();
        if (!hostname.isEmpty()
                && (hostname.length() > MAX_HOSTNAME || !HOSTNAME.matcher(hostname).matches())) {
            throw new SandboxException.InvalidRequest(
                    ("config.hostname: found '%s', wanted a DNS name of %d characters at most:"
                                    + " letters, digits, '-' and '.'")
                            .formatted(printable(hostname), MAX_HOSTNAME));
        }
        requireOwnHostname(config);
        config.getPortMappingsList().forEach(PodNames::check);
        config.getLinux().getSysctlsMap().keySet().forEach(PodNames::checkSysctl);
    }

    /**
     * A pod on the host's network has the host's name, as it shares the host's uts namespace. OCI
     * runtimes refuse a name there, and kubelets send none.
     */
    private static void requireOwnHostname(PodSandboxConfig config) {
        var network = config.getLinux().getSecurityContext().getNamespaceOptions().getNetwork();
        if (network == NamespaceMode.NODE && !config.getHostname().isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    ("config.hostname: found '%s' for a pod on the host's network, wanted none: it has"
                                    + " the host's name; leave hostname empty")
                            .formatted(config.getHostname()));
        }
    }

    private static void check(PortMapping mapping) {
        port(mapping.getHostPort(), "host_port");
        port(mapping.getContainerPort(), "container_port");
    }

    /** 0 is none. */
    private static void port(int port, String field) {
        if (port < 0 || port > MAX_PORT) {
            throw new SandboxException.InvalidRequest(
                    "config.port_mappings.%s: found %d, wanted 1 to %d or 0 for none"
                            .formatted(field, port, MAX_PORT));
        }
    }

    private static void checkSysctl(String name) {
        if (name.length() > MAX_SYSCTL || !SYSCTL.matcher(name).matches()) {
            throw new SandboxException.InvalidRequest(
                    ("config.linux.sysctls: found '%s', wanted words of letters, digits, '-' and"
                                    + " '_' with a '.' or '/' between them")
                            .formatted(printable(name)));
        }
    }

    private static String printable(String text) {
        return text.codePoints()
                .limit(MAX_SYSCTL)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
