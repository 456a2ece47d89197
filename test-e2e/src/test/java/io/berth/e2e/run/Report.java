package io.berth.e2e.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Results of one suite in the form that Maven's tests report in, for those who count them. */
public final class Report {
    private final String suite;
    private final List<Case> cases = new ArrayList<>();

    private record Case(String name, Duration took, String failure) {}

    public Report(String suite) {
        this.suite = suite;
    }

    /** Adds a result; an empty failure is none. */
    public void add(String name, Duration took, String failure) {
        cases.add(new Case(name, took, failure));
    }

    /** Writes TEST-SUITE.xml into the folder. */
    public void write(Path folder) throws IOException {
        long failed = cases.stream().filter(c -> !c.failure().isEmpty()).count();
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        text.append(
                "<testsuite name=\"%s\" tests=\"%d\" errors=\"0\" skipped=\"0\" failures=\"%d\">\n"
                        .formatted(escape(suite), cases.size(), failed));
        for (Case result : cases) {
            text.append(
                    "<testcase classname=\"%s\" name=\"%s\" time=\"%.3f\">"
                            .formatted(
                                    escape(suite),
                                    escape(result.name()),
                                    result.took().toMillis() / 1000.0));
            if (!result.failure().isEmpty()) {
                text.append("<failure>").append(escape(result.failure())).append("</failure>");
            }
            text.append("</testcase>\n");
        }
        text.append("</testsuite>\n");
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("TEST-" + suite + ".xml"), text, UTF_8);
    }

    private static String escape(String text) {
        var escaped = new StringBuilder();
        text.codePoints()
                .filter(c -> c >= ' ' || c == '\n' || c == '\t')
                .forEach(
                        c -> {
                            switch (c) {
                                case '<' -> escaped.append("&lt;");
                                case '>' -> escaped.append("&gt;");
                                case '&' -> escaped.append("&amp;");
                                case '"' -> escaped.append("&quot;");
                                default -> escaped.appendCodePoint(c);
                            }
                        });
        return escaped.toString();
    }
}
