package io.berth.linux.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepsTest {
    private final List<String> told = new CopyOnWriteArrayList<>();

    private final StepObserver recorder =
            new StepObserver() {
                @Override
                public void before(String name, String subject) {
                    told.add("before " + name + " " + subject);
                }

                @Override
                public void after(String name, String subject) {
                    told.add("after " + name + " " + subject);
                }
            };

    @AfterEach
    void forgetObserver() {
        Steps.observe(StepObserver.NONE);
    }

    @Test
    void guardRefusesCallOutsideStepAndNamesIt() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> Steps.require("mount"))
                .withMessageContaining("mount");
    }

    @Test
    void guardLetsCallThroughInsideStepAndInsideNestedOne() throws IOException {
        String result =
                Steps.run(
                        "outer.step",
                        "a",
                        () -> {
                            Steps.require("mount");
                            Steps.run("inner.step", "b", () -> Steps.require("umount2"));
                            Steps.require("mount");
                            return "done";
                        });
        assertThat(result).isEqualTo("done");
    }

    @Test
    void observerIsToldBeforeAndAfterInOrder() throws IOException {
        Steps.observe(recorder);
        Steps.run("outer.step", "a", () -> Steps.run("inner.step", "b", () -> told.add("body")));
        assertThat(told)
                .containsExactly(
                        "before outer.step a",
                        "before inner.step b",
                        "body",
                        "after inner.step b",
                        "after outer.step a");
    }

    @Test
    void failedBodyIsNotToldAsDone() {
        Steps.observe(recorder);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Steps.run("cni.add", "a", StepsTest::fail));
        assertThat(told).containsExactly("before cni.add a");
    }

    private static void fail() throws IOException {
        throw new IOException("refused");
    }

    @Test
    void carrierReopensStepOnAnotherThreadOnly() throws IOException {
        try (var pool = Executors.newSingleThreadExecutor()) {
            Steps.run(
                    "outer.step",
                    "a",
                    () -> {
                        var carrier = Steps.capture();
                        CompletableFuture.runAsync(
                                        () -> carrier.run(() -> Steps.require("mount")), pool)
                                .join();
                    });
            var without = CompletableFuture.runAsync(() -> Steps.require("mount"), pool);
            assertThat(without.handle((_, failure) -> failure).join())
                    .hasCauseInstanceOf(AssertionError.class);
        }
    }

    @Test
    void emptyCarrierOpensNothing() {
        var carrier = Steps.capture();
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> carrier.run(() -> Steps.require("mount")));
    }

    @Test
    void stepNameIsDottedLowerCase() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Steps.run("Netns Create", "a", () -> told.add("body")))
                .withMessageContaining("found \"Netns Create\"");
        assertThat(told).isEmpty();
    }

    @Test
    void injectedFailurePreventsTheEffect() throws IOException {
        Steps.observe(FaultObserver.parse("cni.add#2=fail", () -> told.add("killed")));
        Steps.run("cni.add", "a", () -> told.add("first"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> Steps.run("cni.add", "b", () -> told.add("second")))
                .withMessageContaining("cni.add of b");
        Steps.run("cni.add", "c", () -> told.add("third"));
        assertThat(told).containsExactly("first", "third");
    }

    @Test
    void killHitsBeforeOrAfterTheEffect() throws IOException {
        Steps.observe(
                FaultObserver.parse(
                        "cni.add=kill-before, cni.del=kill-after", () -> told.add("killed")));
        Steps.run("cni.add", "a", () -> told.add("add"));
        Steps.run("cni.del", "a", () -> told.add("del"));
        assertThat(told).containsExactly("killed", "add", "del", "killed");
    }

    @Test
    void faultOfAnotherFormIsRefusedByName() {
        for (String wrong :
                List.of("", "cni.add", "cni.add#0=fail", "cni.add=explode", "a=fail,")) {
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> FaultObserver.parse(wrong, () -> {}))
                    .withMessageContaining("wanted name[#occurrence]");
        }
    }

    @Test
    void journalHoldsOneLineAStepAndComposes(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("steps");
        try (var journal = JournalObserver.open(file)) {
            Steps.observe(journal.andThen(recorder));
            Steps.run("netns.create", "pod\n1", () -> told.add("body"));
            Steps.run("netns.remove", "pod", () -> told.add("body"));
        }
        assertThat(Files.readAllLines(file))
                .containsExactly("netns.create pod 1", "netns.remove pod");
        assertThat(told).hasSize(6);
    }
}
