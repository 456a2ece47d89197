package io.berth.e2e.cases;

import io.berth.cri.v1.AuthConfig;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.PullImageRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * A registry sends documents that are small on the wire and large in memory, many of them at once,
 * and leads the node to hosts that it has no business at, its password in hand.
 */
public final class HostileRegistry implements HostileCase {
    private static final int AT_ONCE = 8;
    private static final int ROUNDS = 3;
    private static final long SECONDS = 90;

    @Override
    public String name() {
        return "hostile-registry";
    }

    @Override
    public String purpose() {
        return "A registry sends documents that fill the memory, and asks for passwords.";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var faults = new ArrayList<String>();
        try (var registry = ForgedRegistry.start()) {
            for (var mode : ForgedRegistry.MODES) {
                pull(daemon, registry, mode).ifPresent(faults::add);
            }
            for (var mode : List.of("jsonbomb", "jsonbomb2")) {
                faults.addAll(atOnce(daemon, registry, mode));
            }
            registry.secretsSeen()
                    .forEach(each -> faults.add("the neighbour was sent credentials: " + each));
        }
        return faults;
    }

    private static List<String> atOnce(CaseDaemon daemon, ForgedRegistry registry, String mode)
            throws IOException {
        var faults = new ArrayList<String>();
        for (int round = 0; round < ROUNDS; round++) {
            var pulls =
                    Collections.nCopies(
                            Attack.times(AT_ONCE),
                            (Callable<Optional<String>>) () -> pull(daemon, registry, mode));
            Attack.together(pulls).forEach(each -> each.ifPresent(faults::add));
        }
        return faults;
    }

    /** What went wrong with a pull that has to be refused; empty if nothing. */
    private static Optional<String> pull(CaseDaemon daemon, ForgedRegistry registry, String mode) {
        var request =
                PullImageRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(registry.reference(mode)))
                        .setAuth(AuthConfig.newBuilder().setUsername("ann").setPassword("secret"));
        try {
            var _ =
                    daemon.client()
                            .images()
                            .withDeadlineAfter(SECONDS, TimeUnit.SECONDS)
                            .pullImage(request.build());
            return Optional.of(mode + ": the pull succeeded");
        } catch (StatusRuntimeException refused) {
            var said = String.valueOf(refused.getStatus().getDescription());
            if (refused.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED
                    || said.contains("io exception")) {
                return Optional.of(mode + ": no answer: " + said);
            }
            return said.contains(ForgedRegistry.NEIGHBOURS_WORD)
                    ? Optional.of(mode + ": tells what the neighbour said: " + said)
                    : Optional.empty();
        }
    }
}
