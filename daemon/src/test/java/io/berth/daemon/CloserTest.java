package io.berth.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** The order in which a node ends, and what is said of what does not want to. */
final class CloserTest {
    private final Closer closer = new Closer();
    private final ArrayList<String> closed = new ArrayList<>();

    @Test
    void theLastIsClosedFirstAndEachOnce() throws Exception {
        add("store");
        add("server");
        closer.close();
        closer.close();
        assertThat(closed).containsExactly("server", "store");
    }

    @Test
    void everythingIsTriedAndTheFirstFailureCarriesTheOthers() {
        add("store");
        closer.add(
                () -> {
                    throw new IOException("shims: will not end");
                });
        add("images");
        closer.add(
                () -> {
                    throw new IOException("server: will not end");
                });
        var thrown = catchThrowable(closer::close);
        assertThat(closed).containsExactly("images", "store");
        assertThat(thrown).hasMessage("server: will not end");
        assertThat(thrown.getSuppressed())
                .singleElement()
                .satisfies(each -> assertThat(each).hasMessage("shims: will not end"));
    }

    private void add(String name) {
        closer.add(() -> closed.add(name));
    }
}
