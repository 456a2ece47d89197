package io.berth.cni;

import java.time.Duration;

/**
 * How long one plugin may take for each verb, after which it is killed, and how often the
 * background looks.
 *
 * @param orphan how long plugins that a killed daemon left behind may go on before they are killed
 * @param poll between two looks at the configuration folders, besides file events
 * @param statusInterval between two STATUS rounds
 */
public record CniTimeouts(
        Duration add,
        Duration del,
        Duration check,
        Duration status,
        Duration gc,
        Duration version,
        Duration orphan,
        Duration poll,
        Duration statusInterval) {
    /** The kubelet gives a whole pod start four minutes. */
    public static final CniTimeouts DEFAULTS =
            new CniTimeouts(
                    Duration.ofSeconds(90),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(15));
}
