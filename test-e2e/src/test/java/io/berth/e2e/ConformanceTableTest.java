package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/**
 * The table of what the public conformance suite asserts. CI cannot have that suite, so each of its
 * specs is held by a test here, or the table says why not.
 *
 * <pre>
 * spec TAB Class#method
 * spec TAB -            TAB why there is none
 * </pre>
 */
class ConformanceTableTest {
    /** Specs of the suite's 1.36.0; its newer ones come on top. */
    private static final int SPECS = 122;

    private record Row(String spec, String test, String reason) {}

    @Test
    void everySpecIsHeldByATestThatIsThere() throws IOException {
        var wrong = new ArrayList<String>();
        for (Row row : rows()) {
            if (!row.test().equals("-") && !isTest(row.test())) {
                wrong.add(row.spec() + ": no test " + row.test());
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void everySpecStandsOnceAndAGapHasItsReason() throws IOException {
        var rows = rows();
        assertThat(rows.size()).isGreaterThanOrEqualTo(SPECS);
        var seen = new HashSet<String>();
        for (Row row : rows) {
            assertThat(seen.add(row.spec())).as("twice: %s", row.spec()).isTrue();
            assertThat(row.reason().isEmpty())
                    .as("a reason where there is no test, and only there: %s", row.spec())
                    .isEqualTo(!row.test().equals("-"));
        }
    }

    private static List<Row> rows() throws IOException {
        var table = Path.of(System.getProperty("berth.e2e.home", ""), "conformance.tsv");
        var rows = new ArrayList<Row>();
        for (String line : Files.readAllLines(table)) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                var parts = line.split("\t", -1);
                assertThat(parts.length).as("columns of: %s", line).isBetween(2, 3);
                rows.add(new Row(parts[0], parts[1], parts.length == 3 ? parts[2] : ""));
            }
        }
        return rows;
    }

    private static boolean isTest(String name) {
        var parts = name.split("#", -1);
        try {
            var type = Class.forName(ConformanceTableTest.class.getPackageName() + "." + parts[0]);
            return parts.length == 2
                    && Stream.of(type.getDeclaredMethods())
                            .filter(method -> method.getName().equals(parts[1]))
                            .anyMatch(ConformanceTableTest::isTest);
        } catch (ClassNotFoundException missing) {
            return false;
        }
    }

    private static boolean isTest(Method method) {
        return method.isAnnotationPresent(Test.class)
                || method.isAnnotationPresent(ParameterizedTest.class);
    }
}
