package io.berth.sandbox.spec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An image's /etc/passwd and /etc/group (passwd(5), group(5)). Lines that do not parse say nothing;
 * of several entries for one name the first counts.
 *
 * @param users of /etc/passwd, or nothing if there is no such file
 * @param groups of /etc/group, or nothing if there is no such file
 */
record Accounts(Optional<List<Account>> users, Optional<List<Group>> groups) {
    record Account(String name, int uid, int gid) {}

    record Group(String name, int gid, List<String> members) {
        Group {
            members = List.copyOf(members);
        }
    }

    static Accounts parse(Optional<String> passwd, Optional<String> group) {
        return new Accounts(passwd.map(Accounts::accounts), group.map(Accounts::groups));
    }

    Optional<Account> user(String name) {
        return users.orElse(List.of()).stream().filter(u -> u.name().equals(name)).findFirst();
    }

    Optional<Account> user(int uid) {
        return users.orElse(List.of()).stream().filter(u -> u.uid() == uid).findFirst();
    }

    Optional<Group> group(String name) {
        return groups.orElse(List.of()).stream().filter(g -> g.name().equals(name)).findFirst();
    }

    /** The groups that list a user; the one of the user's own name is the user's primary one. */
    List<Integer> memberships(String user) {
        return groups.orElse(List.of()).stream()
                .filter(g -> !g.name().equals(user) && g.members().contains(user))
                .map(Group::gid)
                .toList();
    }

    private static List<Account> accounts(String text) {
        var found = new ArrayList<Account>();
        for (var line : text.lines().toList()) {
            var fields = line.split(":", -1);
            if (fields.length >= 4) {
                var uid = id(fields[2]);
                var gid = id(fields[3]);
                if (uid.isPresent() && gid.isPresent()) {
                    found.add(new Account(fields[0], uid.getAsInt(), gid.getAsInt()));
                }
            }
        }
        return List.copyOf(found);
    }

    private static List<Group> groups(String text) {
        var found = new ArrayList<Group>();
        for (var line : text.lines().toList()) {
            var fields = line.split(":", -1);
            if (fields.length >= 3) {
                var gid = id(fields[2]);
                var members = fields.length > 3 ? names(fields[3]) : List.<String>of();
                gid.ifPresent(value -> found.add(new Group(fields[0], value, members)));
            }
        }
        return List.copyOf(found);
    }

    private static List<String> names(String field) {
        return Arrays.stream(field.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /** A user or group id as runc takes it: 0 to 2147483647. */
    static OptionalInt id(String digits) {
        try {
            int id = Integer.parseInt(digits);
            return id >= 0 && !digits.startsWith("+") ? OptionalInt.of(id) : OptionalInt.empty();
        } catch (NumberFormatException notAnId) {
            return OptionalInt.empty();
        }
    }
}
