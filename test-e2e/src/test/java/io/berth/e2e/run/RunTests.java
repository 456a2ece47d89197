package io.berth.e2e.run;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.launcher.TagFilter.includeTags;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests tagged e2e, prints one line a test as it ends and their sums last, and exits with
 * 0 only if some ran and none failed. An argument is a pattern that class names have to match.
 */
public final class RunTests {
    private RunTests() {}

    public static void main(String[] arguments) throws IOException {
        var request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectPackage("io.berth.e2e"))
                        .filters(
                                includeTags("e2e"),
                                includeClassNamePatterns(
                                        arguments.length == 0 ? ".*Test" : arguments[0]));
        var lines = new Lines();
        LauncherFactory.create().execute(request.build(), lines);
        lines.report.write(Path.of(System.getProperty("berth.e2e.reports", "target/e2e-reports")));
        Print.line("%d passed, %d failed".formatted(lines.passed, lines.failed));
        System.exit(lines.failed == 0 && lines.passed > 0 ? 0 : 1);
    }

    /** One line a test; a class that cannot start or end counts as a failure. */
    private static final class Lines implements TestExecutionListener {
        private int passed;
        private int failed;
        private final Report report = new Report("e2e");
        private Instant begun = Instant.now();

        @Override
        public void executionStarted(TestIdentifier test) {
            if (test.isTest()) {
                begun = Instant.now();
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            failed++;
            report.add(name(test), Duration.ZERO, "skipped: " + reason);
            Print.line("FAIL  " + name(test) + ": skipped: " + reason);
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            boolean good = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
            if (good && !test.isTest()) {
                return;
            }
            var duration = Duration.between(begun, Instant.now());
            var took = duration.toMillis();
            var failure =
                    good ? "" : result.getThrowable().map(Lines::stack).orElse("no reason given");
            report.add(name(test), duration, failure);
            if (good) {
                passed++;
                Print.line("ok    %s (%d ms)".formatted(name(test), took));
            } else {
                failed++;
                Print.line("FAIL  %s (%d ms)".formatted(name(test), took));
                Print.line(failure);
            }
        }

        private static String name(TestIdentifier test) {
            return test.getSource()
                    .map(
                            source ->
                                    switch (source) {
                                        case MethodSource method ->
                                                simple(method.getClassName())
                                                        + "."
                                                        + method.getMethodName()
                                                        + invocation(test);
                                        case ClassSource type -> simple(type.getClassName());
                                        default -> test.getDisplayName();
                                    })
                    .orElse(test.getDisplayName());
        }

        /** Which one of a test that is called with several arguments; else empty. */
        private static String invocation(TestIdentifier test) {
            return test.getUniqueId().contains("test-template-invocation")
                    ? " " + test.getDisplayName()
                    : "";
        }

        private static String simple(String className) {
            return className.substring(className.lastIndexOf('.') + 1);
        }

        private static String stack(Throwable thrown) {
            var text = new StringWriter();
            thrown.printStackTrace(new PrintWriter(text, true));
            return text.toString().indent(6).stripTrailing();
        }
    }
}
