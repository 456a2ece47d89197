package io.berth.sandbox.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every pair of a root and a state folder. */
class ClaimTest {
    /**
     * Tasks: none, known (the root's ledger names each that runs), unknown. An id is none, a or b.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    - | false | - | none    | taken
                    - | false | a | none    | taken
                    a | false | - | none    | taken
                    a | false | a | none    | taken
                    a | false | b | none    | taken
                    - | true  | - | none    | taken
                    - | true  | a | none    | taken
                    a | true  | - | none    | taken
                    a | true  | a | none    | taken
                    a | true  | b | none    | taken
                    - | true  | - | known   | taken
                    - | true  | a | known   | taken
                    a | true  | - | known   | taken
                    a | true  | a | known   | taken
                    a | true  | b | known   | taken
                    - | false | - | unknown | ROOT_IS_EMPTY
                    - | false | a | unknown | ROOT_IS_EMPTY
                    a | false | - | unknown | ROOT_IS_EMPTY
                    a | false | a | unknown | ROOT_IS_EMPTY
                    a | false | b | unknown | ROOT_IS_EMPTY
                    - | true  | - | unknown | STATE_IS_FOREIGN
                    - | true  | a | unknown | STATE_IS_FOREIGN
                    a | true  | - | unknown | STATE_IS_FOREIGN
                    a | true  | a | unknown | RECORDS_ARE_MISSING
                    a | true  | b | unknown | STATE_IS_FOREIGN
                    """)
    void theRootTakesTheStateOrSaysWhyNot(
            String root, boolean pods, String state, String tasks, String wanted) {
        var unknown = tasks.equals("unknown") ? Set.of("x") : Set.<String>of();
        var of = new Claim.Root(Optional.ofNullable(root), pods);
        var claim = Claim.of(of, new Claim.State(Optional.ofNullable(state), unknown, false));
        assertThat(claim)
                .isEqualTo(
                        wanted.equals("taken")
                                ? new Claim.Taken()
                                : new Claim.Refused(Claim.Why.valueOf(wanted)));
        assertThat(Claim.of(of, new Claim.State(Optional.ofNullable(state), unknown, true)))
                .as("with the order to forget")
                .isEqualTo(new Claim.Taken());
    }
}
