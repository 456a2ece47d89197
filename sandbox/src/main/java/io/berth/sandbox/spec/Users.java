package io.berth.sandbox.spec;

import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.SupplementalGroupsPolicy;
import io.berth.sandbox.SandboxException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Finds out as whom a process runs. */
public final class Users {
    private Users() {}

    /**
     * The request's user, or else the image's, or else root; with the request's group, or that of
     * the image's USER, or the user's own in /etc/passwd, or 0. Further groups are the request's
     * and, unless its policy is Strict, those that the image's /etc/group gives the user.
     *
     * @param imageUser the image's {@code user[:group]}, names or numbers, or empty
     * @param passwd text of the image's /etc/passwd, if it has one
     * @param group text of the image's /etc/group, if it has one
     * @throws SandboxException.InvalidRequest for a name that the files do not have, or an id that
     *     is out of range
     */
    public static User resolve(
            LinuxContainerSecurityContext context,
            String imageUser,
            Optional<String> passwd,
            Optional<String> group) {
        var accounts = Accounts.parse(passwd, group);
        var named = named(context, imageUser);
        var wanted = Wanted.parse(named.text(), named.field());
        var account = account(wanted.user(), named.field(), accounts);
        int gid = account.gid();
        if (context.hasRunAsGroup()) {
            gid = id(context.getRunAsGroup().getValue(), "run_as_group");
        } else if (wanted.group().isPresent()) {
            gid = group(wanted.group().get(), named.field(), accounts);
        }
        var gids = new TreeSet<Integer>();
        if (context.getSupplementalGroupsPolicy() == SupplementalGroupsPolicy.Merge) {
            gids.addAll(accounts.memberships(account.name()));
        }
        gids.add(gid);
        gids.addAll(ids(context.getSupplementalGroupsList()));
        return new User(account.uid(), gid, List.copyOf(gids));
    }

    /** As whom a pod's own process runs: in numbers, since its image has no names. */
    static User ofPod(LinuxSandboxSecurityContext context) {
        if (context.hasRunAsGroup() && !context.hasRunAsUser()) {
            throw groupWithoutUser(context.getRunAsGroup());
        }
        int uid = id(context.getRunAsUser().getValue(), "run_as_user");
        int gid = id(context.getRunAsGroup().getValue(), "run_as_group");
        var gids = new TreeSet<Integer>(ids(context.getSupplementalGroupsList()));
        gids.add(gid);
        return new User(uid, gid, List.copyOf(gids));
    }

    /** Whose words name the user. */
    private record Named(String text, String field) {}

    private static Named named(LinuxContainerSecurityContext context, String imageUser) {
        var name = context.getRunAsUsername();
        if (context.hasRunAsUser() && !name.isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "run_as_user and run_as_username: found %d and '%s', wanted one of them"
                            .formatted(context.getRunAsUser().getValue(), name));
        }
        if (context.hasRunAsUser()) {
            int uid = id(context.getRunAsUser().getValue(), "run_as_user");
            return new Named(Integer.toString(uid), "run_as_user");
        }
        if (!name.isEmpty()) {
            return new Named(name, "run_as_username");
        }
        if (context.hasRunAsGroup()) {
            throw groupWithoutUser(context.getRunAsGroup());
        }
        return new Named(imageUser.isEmpty() ? "0" : imageUser, "image's USER");
    }

    /** A user and perhaps a group, each a name or a number. */
    private record Wanted(String user, Optional<String> group) {
        static Wanted parse(String text, String field) {
            var parts = text.split(":", -1);
            if (parts.length > 2 || parts[0].isEmpty() || parts[parts.length - 1].isEmpty()) {
                throw new SandboxException.InvalidRequest(
                        "%s: found '%s', wanted user or user:group".formatted(field, text));
            }
            return new Wanted(
                    parts[0], parts.length == 2 ? Optional.of(parts[1]) : Optional.empty());
        }
    }

    private static Accounts.Account account(String user, String field, Accounts accounts) {
        if (numeric(user)) {
            int uid = id(user, field);
            return accounts.user(uid).orElse(new Accounts.Account("", uid, 0));
        }
        return accounts.user(user)
                .orElseThrow(
                        () -> unknown(field, user, "/etc/passwd", accounts.users().isPresent()));
    }

    private static int group(String group, String field, Accounts accounts) {
        if (numeric(group)) {
            return id(group, field);
        }
        return accounts.group(group)
                .map(Accounts.Group::gid)
                .orElseThrow(
                        () -> unknown(field, group, "/etc/group", accounts.groups().isPresent()));
    }

    private static SandboxException.InvalidRequest unknown(
            String field, String name, String file, boolean present) {
        return new SandboxException.InvalidRequest(
                "%s: '%s' is not known, as the image %s; use a number"
                        .formatted(
                                field,
                                name,
                                present ? "has no such line in its " + file : "has no " + file));
    }

    private static boolean numeric(String text) {
        return text.matches("-?\\d+");
    }

    private static int id(String digits, String field) {
        return Accounts.id(digits)
                .orElseThrow(
                        () ->
                                new SandboxException.InvalidRequest(
                                        "%s: found %s, wanted 0 to %d"
                                                .formatted(field, digits, Integer.MAX_VALUE)));
    }

    private static int id(long value, String field) {
        return id(Long.toString(value), field);
    }

    private static List<Integer> ids(List<Long> values) {
        return values.stream().map(value -> id(value, "supplemental_groups")).toList();
    }

    private static SandboxException.InvalidRequest groupWithoutUser(Int64Value group) {
        return new SandboxException.InvalidRequest(
                "run_as_group: found %d without a user, wanted run_as_user beside it"
                        .formatted(group.getValue()));
    }
}
