package io.berth.cni;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Traffic limits of a pod: the {@code bandwidth} capability.
 *
 * @param ingressRate bits per second towards the pod; 0 for no limit
 * @param ingressBurst bits; 0 with no limit
 * @param egressRate bits per second from the pod; 0 for no limit
 * @param egressBurst bits; 0 with no limit
 */
public record Bandwidth(long ingressRate, long ingressBurst, long egressRate, long egressBurst) {
    /** Annotation with the limit towards the pod, a Kubernetes quantity such as {@code 10M}. */
    public static final String INGRESS_ANNOTATION = "kubernetes.io/ingress-bandwidth";

    /** Annotation with the limit from the pod, a Kubernetes quantity such as {@code 10M}. */
    public static final String EGRESS_ANNOTATION = "kubernetes.io/egress-bandwidth";

    /** The plugin counts bursts in 32 bits; this is "as much as it takes". */
    private static final long LARGEST_BURST = 4_294_967_295L;

    private static final Pattern QUANTITY =
            Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?");
    private static final Map<String, BigDecimal> FACTORS =
            Map.ofEntries(
                    Map.entry("m", new BigDecimal("0.001")),
                    Map.entry("k", BigDecimal.TEN.pow(3)),
                    Map.entry("M", BigDecimal.TEN.pow(6)),
                    Map.entry("G", BigDecimal.TEN.pow(9)),
                    Map.entry("T", BigDecimal.TEN.pow(12)),
                    Map.entry("P", BigDecimal.TEN.pow(15)),
                    Map.entry("E", BigDecimal.TEN.pow(18)),
                    Map.entry("Ki", BigDecimal.TWO.pow(10)),
                    Map.entry("Mi", BigDecimal.TWO.pow(20)),
                    Map.entry("Gi", BigDecimal.TWO.pow(30)),
                    Map.entry("Ti", BigDecimal.TWO.pow(40)),
                    Map.entry("Pi", BigDecimal.TWO.pow(50)),
                    Map.entry("Ei", BigDecimal.TWO.pow(60)));
    private static final BigDecimal LEAST = BigDecimal.TEN.pow(3);
    private static final BigDecimal MOST = BigDecimal.TEN.pow(15);

    public Bandwidth {
        if (ingressRate < 0 || ingressBurst < 0 || egressRate < 0 || egressBurst < 0) {
            throw new IllegalArgumentException(
                    "bandwidth: found a negative rate or burst, wanted 0 or more");
        }
    }

    /**
     * The limits that a pod's annotations ask for, if any.
     *
     * @throws IllegalArgumentException a limit that is no quantity or not within 1k to 1P
     */
    public static Optional<Bandwidth> fromAnnotations(Map<String, String> annotations) {
        var ingress = Optional.ofNullable(annotations.get(INGRESS_ANNOTATION));
        var egress = Optional.ofNullable(annotations.get(EGRESS_ANNOTATION));
        if (ingress.isEmpty() && egress.isEmpty()) {
            return Optional.empty();
        }
        long in = ingress.map(text -> rate(INGRESS_ANNOTATION, text)).orElse(0L);
        long out = egress.map(text -> rate(EGRESS_ANNOTATION, text)).orElse(0L);
        return Optional.of(
                new Bandwidth(in, in == 0 ? 0 : LARGEST_BURST, out, out == 0 ? 0 : LARGEST_BURST));
    }

    private static long rate(String annotation, String text) {
        var matcher = QUANTITY.matcher(text);
        if (matcher.matches()) {
            var suffix = matcher.group(2);
            var factor = suffix == null ? BigDecimal.ONE : FACTORS.getOrDefault(suffix, LEAST);
            var value = new BigDecimal(matcher.group(1)).multiply(factor);
            if (value.compareTo(LEAST) >= 0 && value.compareTo(MOST) <= 0) {
                return value.longValue();
            }
        }
        throw new IllegalArgumentException(
                "annotation %s: found \"%s\", wanted a quantity from 1k to 1P, bits per second"
                        .formatted(annotation, text));
    }
}
