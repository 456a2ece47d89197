package io.berth.cni.owed;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * The ADD of a chain that one of its plugins answered with an error: the plugins before it have
 * succeeded, the ones after it never ran.
 *
 * @param plugin the failed plugin's place in the chain, from 0
 * @param answer the plugin's error answer
 */
public record FailedAdd(int plugin, Answer answer) {
    /**
     * Codes by which a plugin rejects its configuration (SPEC.md, section 5, "Error"): an
     * incompatible version, an unsupported field, content that cannot be decoded, an invalid
     * network configuration.
     */
    private static final Set<Integer> REJECTED = Set.of(1, 2, 6, 7);

    /** Words of a fault that passes by itself, of a server or of the machine. */
    private static final Pattern PASSING =
            Pattern.compile(
                    "(?is).*(time.?out|timed out|deadline|refused|unreachable|unavailable|no route"
                            + "|reset by peer|connection|temporar|try again|too many|no space"
                            + "|memory|locked|busy|unauthori[sz]ed|forbidden|\\beof\\b).*");

    /**
     * An error answer of a plugin.
     *
     * @param code 0 if it gave none
     */
    public record Answer(int code, String problem) {}

    public FailedAdd {
        if (plugin < 0) {
            throw new IllegalArgumentException(
                    "failed ADD: found plugin %d, wanted 0 or more".formatted(plugin));
        }
    }

    /**
     * Whether a plugin that does not confirm DEL still owes it.
     *
     * <p>A configuration is invalid if the plugin says so by a code of the specification, if the
     * node no longer has it, or if the plugin answers DEL with the words of its failed ADD and they
     * do not speak of a fault that passes: most plugins give every error the same code.
     *
     * @param place the plugin's place in the chain, from 0
     * @param del the answer to DEL
     * @param replaced whether the node's configuration is another by now
     */
    public boolean owesDel(int place, Answer del, boolean replaced) {
        if (place != plugin) {
            return place < plugin;
        }
        return !replaced
                && !REJECTED.contains(del.code())
                && (!del.problem().equals(answer.problem())
                        || del.problem().isEmpty()
                        || PASSING.matcher(del.problem()).matches());
    }
}
