package io.berth.e2e.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * Results as JSON:
 *
 * <pre>
 * {"machine": ["kernel …", …], "contenders": ["berth 0.1", "containerd 1.6"],
 *  "figures": [{"name": "ExecSync", "unit": "ms", "better": "less", "ratio": 0.9,
 *               "contenders": [{"samples": 100, "median": 60.1, "p99": 80.2, "worst": 81.0},
 *                              {"samples": 0, "reason": "…"}]}],
 *  "failures": [{"part": "log", "contender": "containerd 1.6", "error": "…"}]}
 * </pre>
 *
 * <p>{@code p99} is left out below a hundred samples, {@code ratio} where one of both is missing.
 */
final class Json {
    private Json() {}

    static String text(List<String> machine, Results results) throws IOException {
        var top = JsonNodeFactory.instance.objectNode();
        var about = top.putArray("machine");
        machine.forEach(about::add);
        var names = top.putArray("contenders");
        results.contenders().forEach(names::add);
        var figures = top.putArray("figures");
        for (var figure : results.figures()) {
            write(figures.addObject(), figure, results);
        }
        var failures = top.putArray("failures");
        for (var failure : results.failures()) {
            failures.addObject()
                    .put("part", failure.part())
                    .put("contender", failure.contender())
                    .put("error", failure.error());
        }
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(top);
    }

    private static void write(ObjectNode into, Figure figure, Results results) {
        into.put("name", figure.name())
                .put("unit", figure.unit())
                .put("better", figure.better().name().toLowerCase(Locale.ROOT));
        results.ratio(figure).ifPresent(ratio -> into.put("ratio", ratio));
        var sides = into.putArray("contenders");
        for (int i = 0; i < results.contenders().size(); i++) {
            var side = sides.addObject();
            var samples = results.samples(figure, i);
            side.put("samples", samples.map(Samples::count).orElse(0));
            if (samples.isEmpty()) {
                side.put("reason", results.reason(figure, i));
                continue;
            }
            side.put("median", samples.get().median());
            if (!samples.get().tailIsTheWorst()) {
                side.put("p99", samples.get().tail(figure.better()));
            }
            var sorted = samples.get().sorted();
            side.put(
                    "worst", figure.better() == Better.LESS ? sorted.getLast() : sorted.getFirst());
        }
    }
}
