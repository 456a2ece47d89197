package io.berth.sandbox.nri;

import java.util.regex.Pattern;

/**
 * A plugin's index, by which plugins are ordered, and its name.
 *
 * @param index two digits
 */
record PluginName(String index, String base) implements Comparable<PluginName> {
    private static final Pattern INDEX = Pattern.compile("[0-9]{2}");
    private static final Pattern BASE = Pattern.compile("[a-zA-Z0-9_.+-]{1,255}");

    PluginName {
        if (!INDEX.matcher(index).matches() || !BASE.matcher(base).matches()) {
            throw new IllegalArgumentException(
                    ("nri plugin: found index '%s' and name '%s', wanted two digits, and letters,"
                                    + " digits and _.+-")
                            .formatted(shown(index), shown(base)));
        }
    }

    /** The name that a program's file name stands for, such as {@code 10-logger}. */
    static PluginName ofFile(String name) {
        int dash = name.indexOf('-');
        if (dash < 0) {
            throw new IllegalArgumentException(
                    "nri plugin: found the file name '%s', wanted NN-name".formatted(shown(name)));
        }
        return new PluginName(name.substring(0, dash), name.substring(dash + 1));
    }

    private static String shown(String text) {
        return text.length() > 64 ? text.substring(0, 64) + "…" : text;
    }

    @Override
    public int compareTo(PluginName other) {
        int byIndex = index.compareTo(other.index);
        return byIndex != 0 ? byIndex : base.compareTo(other.base);
    }

    @Override
    public String toString() {
        return index + "-" + base;
    }
}
