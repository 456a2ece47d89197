package io.berth.linux.step;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Breaks chosen steps, for the sweep.
 *
 * <p>The specification is a comma-separated list of {@code name[#occurrence]=action}; without an
 * occurrence the fault hits every time:
 *
 * <pre>
 *   netns.create=fail           throws before the effect
 *   cni.add#2=kill-before       ends the process right before the second cni.add
 *   shim.start#1=kill-after     ends the process right after the first shim.start that succeeded
 * </pre>
 */
public final class FaultObserver implements StepObserver {
    private static final Pattern FAULT =
            Pattern.compile("([a-z0-9.-]+)(?:#([1-9][0-9]{0,8}))?=(fail|kill-before|kill-after)");

    private final List<Fault> faults;
    private final Runnable killSelf;
    private final Map<String, Integer> begun = new ConcurrentHashMap<>();
    private final Map<String, Integer> done = new ConcurrentHashMap<>();

    private enum Action {
        FAIL,
        KILL_BEFORE,
        KILL_AFTER
    }

    /** Occurrence 0 is every one. */
    private record Fault(String name, int occurrence, Action action) {
        boolean hits(String step, int nth) {
            return name.equals(step) && (occurrence == 0 || occurrence == nth);
        }
    }

    private FaultObserver(List<Fault> faults, Runnable killSelf) {
        this.faults = List.copyOf(faults);
        this.killSelf = killSelf;
    }

    /**
     * Reads a specification. {@code killSelf} sends SIGKILL to this process and does not return.
     *
     * @throws IllegalArgumentException naming the part that is not of the form above
     */
    public static FaultObserver parse(String specification, Runnable killSelf) {
        var faults = new ArrayList<Fault>();
        for (String part : specification.split(",", -1)) {
            var match = FAULT.matcher(part.strip());
            if (!match.matches()) {
                throw new IllegalArgumentException(
                        "fault: found \"%s\", wanted name[#occurrence]=fail|kill-before|kill-after"
                                .formatted(part));
            }
            String nth = match.group(2);
            faults.add(
                    new Fault(
                            match.group(1),
                            nth == null ? 0 : Integer.parseInt(nth),
                            action(match.group(3))));
        }
        return new FaultObserver(faults, killSelf);
    }

    private static Action action(String word) {
        if (word.equals("fail")) {
            return Action.FAIL;
        }
        return word.equals("kill-before") ? Action.KILL_BEFORE : Action.KILL_AFTER;
    }

    @Override
    public void before(String name, String subject) throws IOException {
        int nth = begun.merge(name, 1, Integer::sum);
        for (Fault fault : faults) {
            if (fault.hits(name, nth)) {
                switch (fault.action()) {
                    case FAIL ->
                            throw new IOException(
                                    "step %s of %s: fault injected".formatted(name, subject));
                    case KILL_BEFORE -> killSelf.run();
                    case KILL_AFTER -> {}
                }
            }
        }
    }

    @Override
    public void after(String name, String subject) {
        int nth = done.merge(name, 1, Integer::sum);
        for (Fault fault : faults) {
            if (fault.action() == Action.KILL_AFTER && fault.hits(name, nth)) {
                killSelf.run();
            }
        }
    }
}
