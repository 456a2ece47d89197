package io.berth.storage.metadata;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A kind of record: its column family, the version of its form, and the record type of its bodies.
 *
 * @param name lower-case letters, digits and dashes; never changes
 * @param version counts from 1; raised with a migration whenever the form changes
 * @param type a record, or a sealed interface of records (told apart by a property {@code "is"}
 *     that holds the simple class name)
 * @param migrations one step a version, contiguous, the last from {@code version - 1}
 */
public record Family<T>(String name, int version, Class<T> type, List<Migration> migrations) {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,63}");

    /** Checks name, version and that the migrations lead to it. */
    public Family {
        migrations = List.copyOf(migrations);
        if (!NAME.matcher(name).matches() || name.equals("default")) {
            throw new IllegalArgumentException(
                    "family name: found \"%s\", wanted lower case, not \"default\""
                            .formatted(name));
        }
        if (version < 1) {
            throw new IllegalArgumentException(
                    "family %s: version: found %d, wanted 1 or more".formatted(name, version));
        }
        for (int i = 0; i < migrations.size(); i++) {
            int wanted = version - migrations.size() + i;
            if (wanted < 1 || migrations.get(i).from() != wanted) {
                throw new IllegalArgumentException(
                        "family %s: migration %d: found from version %d, wanted %d"
                                .formatted(name, i, migrations.get(i).from(), wanted));
            }
        }
    }

    /** A family in its first version, or one that forgot how to read older ones. */
    public Family(String name, int version, Class<T> type) {
        this(name, version, type, List.of());
    }
}
