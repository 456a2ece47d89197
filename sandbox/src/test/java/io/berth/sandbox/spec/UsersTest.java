package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.LinuxContainerSecurityContext;
import io.berth.cri.v1.SupplementalGroupsPolicy;
import io.berth.sandbox.SandboxException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UsersTest {
    private static final String PASSWD =
            """
            root:x:0:0:root:/root:/bin/sh
            broken line
            web:x:101:102::/srv:/bin/false
            web:x:900:900::/srv:/bin/false
            """;
    private static final String GROUP =
            """
            root:x:0:
            web:x:102:
            staff:x:50:web,root
            ssl:x:110:other, web
            negative:x:-1:web
            """;
    private static final LinuxContainerSecurityContext NOTHING =
            LinuxContainerSecurityContext.getDefaultInstance();

    @Test
    void rootIsTheLastResort() {
        assertThat(resolve(NOTHING, "")).isEqualTo(new User(0, 0, List.of(0, 50)));
        assertThat(Users.resolve(NOTHING, "", Optional.empty(), Optional.empty()))
                .isEqualTo(new User(0, 0, List.of(0)));
    }

    @Test
    void theImagesUserIsANameOrANumberWithOrWithoutAGroup() {
        assertThat(resolve(NOTHING, "web")).isEqualTo(new User(101, 102, List.of(50, 102, 110)));
        assertThat(resolve(NOTHING, "101")).isEqualTo(new User(101, 102, List.of(50, 102, 110)));
        assertThat(resolve(NOTHING, "web:staff")).isEqualTo(new User(101, 50, List.of(50, 110)));
        assertThat(resolve(NOTHING, "7:8")).isEqualTo(new User(7, 8, List.of(8)));
        assertThat(resolve(NOTHING, "7")).isEqualTo(new User(7, 0, List.of(0)));
    }

    @Test
    void strictLeavesOutTheImagesGroups() {
        var context =
                LinuxContainerSecurityContext.newBuilder()
                        .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)
                        .addSupplementalGroups(2000);
        assertThat(resolve(context.build(), "web"))
                .isEqualTo(new User(101, 102, List.of(102, 2000)));
        assertThat(resolve(context.build(), "web:staff"))
                .isEqualTo(new User(101, 50, List.of(50, 2000)));
    }

    @Test
    void theRequestsUserReplacesTheImagesWithItsGroup() {
        var context =
                LinuxContainerSecurityContext.newBuilder()
                        .setRunAsUser(number(1000))
                        .addSupplementalGroups(2000);
        assertThat(resolve(context.build(), "web:staff"))
                .isEqualTo(new User(1000, 0, List.of(0, 2000)));
        context.setRunAsGroup(number(3000));
        assertThat(resolve(context.build(), "web"))
                .isEqualTo(new User(1000, 3000, List.of(2000, 3000)));
    }

    @Test
    void theRequestsNameIsLookedUpInTheImage() {
        var context = LinuxContainerSecurityContext.newBuilder().setRunAsUsername("web");
        assertThat(resolve(context.build(), ""))
                .isEqualTo(new User(101, 102, List.of(50, 102, 110)));
        context.setRunAsUsername("nobody");
        assertRefused(
                context.build(),
                "",
                "run_as_username: 'nobody' is not known, as the image has no such line in its"
                        + " /etc/passwd");
    }

    @Test
    void namesNeedTheImagesFiles() {
        assertThatThrownBy(() -> Users.resolve(NOTHING, "web", Optional.empty(), Optional.empty()))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "image's USER: 'web' is not known, as the image has no /etc/passwd; use a"
                                + " number");
        assertRefused(
                NOTHING,
                "web:wheel",
                "image's USER: 'wheel' is not known, as the image has no such line in its"
                        + " /etc/group");
    }

    @Test
    void contradictionsAndNonsenseAreRefused() {
        assertRefused(
                LinuxContainerSecurityContext.newBuilder().setRunAsGroup(number(5)).build(),
                "web",
                "run_as_group: found 5 without a user");
        assertRefused(
                LinuxContainerSecurityContext.newBuilder()
                        .setRunAsUser(number(5))
                        .setRunAsUsername("web")
                        .build(),
                "",
                "run_as_user and run_as_username: found 5 and 'web'");
        assertRefused(
                LinuxContainerSecurityContext.newBuilder().setRunAsUser(number(1L << 31)).build(),
                "",
                "run_as_user: found 2147483648, wanted 0 to 2147483647");
        assertRefused(NOTHING, "-1", "image's USER: found -1, wanted 0");
        assertRefused(NOTHING, "a:b:c", "image's USER: found 'a:b:c', wanted user or user:group");
        assertRefused(NOTHING, ":5", "image's USER: found ':5'");
        assertRefused(
                LinuxContainerSecurityContext.newBuilder().addSupplementalGroups(-3).build(),
                "",
                "supplemental_groups: found -3");
    }

    private static void assertRefused(
            LinuxContainerSecurityContext context, String imageUser, String message) {
        assertThatThrownBy(() -> resolve(context, imageUser))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith(message);
    }

    private static User resolve(LinuxContainerSecurityContext context, String imageUser) {
        return Users.resolve(context, imageUser, Optional.of(PASSWD), Optional.of(GROUP));
    }

    private static Int64Value number(long value) {
        return Int64Value.newBuilder().setValue(value).build();
    }
}
