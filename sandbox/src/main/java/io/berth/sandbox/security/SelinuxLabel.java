package io.berth.sandbox.security;

import io.berth.cri.v1.SELinuxOption;
import io.berth.sandbox.SandboxException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An SELinux label: {@code user:role:type:level}. The level may have colons of its own, and be
 * empty on a machine without levels.
 */
record SelinuxLabel(String user, String role, String type, String level) {
    private static final Pattern LEVEL =
            Pattern.compile("s\\d(-s\\d)?(:c\\d{1,4}(\\.c\\d{1,4})?(,c\\d{1,4}(\\.c\\d{1,4})?)*)?");

    /** What a label cannot have inside a mount option or a line of the kernel's. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]*");

    static Optional<SelinuxLabel> parse(String text) {
        var parts = text.strip().split(":", 4);
        if (parts.length < 3 || parts[0].isEmpty() || parts[2].isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new SelinuxLabel(parts[0], parts[1], parts[2], parts.length == 4 ? parts[3] : ""));
    }

    /**
     * Fails for options that no label can have; the level's form is held on every machine, also
     * where labels are off, as other runtimes do.
     */
    static void check(SELinuxOption asked, String field) {
        if (!asked.getLevel().isEmpty() && !LEVEL.matcher(asked.getLevel()).matches()) {
            throw bad(field + ".level", asked.getLevel(), "a level such as s0:c4,c5");
        }
        word(asked.getUser(), field + ".user");
        word(asked.getRole(), field + ".role");
        word(asked.getType(), field + ".type");
    }

    private static void word(String text, String field) {
        if (!WORD.matcher(text).matches()) {
            throw bad(field, text, "letters, digits, _, . and -");
        }
    }

    private static SandboxException.InvalidRequest bad(String field, String found, String wanted) {
        return new SandboxException.InvalidRequest(
                "%s: found '%s', wanted %s".formatted(field, found, wanted));
    }

    /** This label with what the options say; an empty one leaves it. */
    SelinuxLabel with(SELinuxOption asked) {
        return new SelinuxLabel(
                or(asked.getUser(), user),
                or(asked.getRole(), role),
                or(asked.getType(), type),
                or(asked.getLevel(), level));
    }

    SelinuxLabel at(String newLevel) {
        return new SelinuxLabel(user, role, type, newLevel);
    }

    SelinuxLabel of(String newUser, String newLevel) {
        return new SelinuxLabel(newUser, role, type, newLevel);
    }

    private static String or(String asked, String own) {
        return asked.isEmpty() ? own : asked;
    }

    @Override
    public String toString() {
        var start = user + ":" + role + ":" + type;
        return level.isEmpty() ? start : start + ":" + level;
    }
}
