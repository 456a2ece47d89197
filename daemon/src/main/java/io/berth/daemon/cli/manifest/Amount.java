package io.berth.daemon.cli.manifest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An amount of something as Kubernetes writes it: {@code 1}, {@code 0.5}, {@code 100m}, {@code
 * 64Mi}, {@code 1e3}. Source: resource.Quantity of the Kubernetes API.
 */
record Amount(BigDecimal value) {
    private static final Pattern FORM =
            Pattern.compile(
                    "([0-9]{1,18}(?:\\.[0-9]{0,9})?|\\.[0-9]{1,9})"
                            + "(?:(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)|[eE]([+-]?[0-9]{1,2}))?");

    /** The amount that a text means, unless it means none or a negative one. */
    static Optional<Amount> parse(String text) {
        var match = FORM.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        var number = new BigDecimal(match.group(1));
        if (match.group(3) != null) {
            return Optional.of(
                    new Amount(number.scaleByPowerOfTen(Integer.parseInt(match.group(3)))));
        }
        var unit = match.group(2) == null ? "" : match.group(2);
        if (unit.endsWith("i")) {
            int power = "KMGTPE".indexOf(unit.charAt(0)) + 1;
            return Optional.of(new Amount(number.multiply(BigDecimal.valueOf(1024).pow(power))));
        }
        int power =
                switch (unit) {
                    case "n" -> -9;
                    case "u" -> -6;
                    case "m" -> -3;
                    case "k" -> 3;
                    case "M" -> 6;
                    case "G" -> 9;
                    case "T" -> 12;
                    case "P" -> 15;
                    case "E" -> 18;
                    default -> 0;
                };
        return Optional.of(new Amount(number.scaleByPowerOfTen(power)));
    }

    /** Rounded up, and no more than a long holds. */
    long whole() {
        return value.setScale(0, RoundingMode.CEILING)
                .min(BigDecimal.valueOf(Long.MAX_VALUE))
                .longValue();
    }

    /** In thousandths, rounded up. */
    long thousandths() {
        return new Amount(value.scaleByPowerOfTen(3)).whole();
    }
}
