package io.berth.sandbox.operation;

import java.util.Map;
import java.util.function.Supplier;

/** Which labels a list's filter asks for (CRI: {@code label_selector}, all of which must match). */
final class LabelSelector {
    private LabelSelector() {}

    /** Whether the labels have every pair that is asked for; an empty selector takes all. */
    static boolean selects(Map<String, String> selector, Supplier<Map<String, String>> labels) {
        return selector.isEmpty() || labels.get().entrySet().containsAll(selector.entrySet());
    }
}
