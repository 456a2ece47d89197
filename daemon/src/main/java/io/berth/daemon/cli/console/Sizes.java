package io.berth.daemon.cli.console;

import java.time.Duration;
import java.util.Locale;

/** Sizes and times as people read them. */
public final class Sizes {
    private Sizes() {}

    /** Three digits and a unit of 1000, such as {@code 12.3 MB}. */
    public static String bytes(long bytes) {
        double value = bytes;
        var units = new String[] {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        var form = unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s";
        return String.format(Locale.ROOT, form, value, units[unit]);
    }

    /** The largest unit that fits, such as {@code 5m} or {@code 3d}. */
    public static String age(Duration age) {
        if (age.toDays() > 0) {
            return age.toDays() + "d";
        }
        if (age.toHours() > 0) {
            return age.toHours() + "h";
        }
        return age.toMinutes() > 0 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
    }
}
