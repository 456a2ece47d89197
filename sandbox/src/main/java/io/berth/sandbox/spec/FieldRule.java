package io.berth.sandbox.spec;

import java.util.Set;

/**
 * What berth does with one field of a request.
 *
 * @param reason why, for the one who sent it
 */
record FieldRule(Verdict verdict, Passes passes, String reason) {
    enum Verdict {
        /** Does what it says. */
        HONOURED,
        /** Only its harmless values are accepted. */
        REFUSED,
        /** Cannot make a difference here. */
        IRRELEVANT
    }

    /** Which values are accepted. */
    sealed interface Passes {
        /** Any, and what is inside a message is not looked at. */
        record Anything() implements Passes {}

        /** An absent, empty, zero or false one. */
        record Unset() implements Passes {}

        /** Whatever the rules of the message's own fields accept. */
        record ItsFields() implements Passes {}

        /** Exactly these; an empty text or an enum's zero value only if it is among them. */
        record OneOf(Set<String> values) implements Passes {
            public OneOf {
                values = Set.copyOf(values);
            }
        }
    }

    FieldRule {
        boolean anything = passes instanceof Passes.Anything;
        boolean consistent =
                switch (verdict) {
                    case HONOURED -> !(passes instanceof Passes.Unset);
                    case REFUSED -> !anything;
                    case IRRELEVANT -> anything;
                };
        if (!consistent) {
            throw new IllegalArgumentException(
                    ("field rule: found %s with %s, wanted honoured with any, fields or values;"
                                    + " refused with unset, fields or values; irrelevant with any")
                            .formatted(verdict, passes));
        }
        if (reason.isBlank()) {
            throw new IllegalArgumentException("field rule: found no reason");
        }
    }
}
