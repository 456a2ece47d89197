package io.berth.sandbox.cdi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CdiFileTest {
    private static final String YAML =
            """
            cdiVersion: 0.7.0
            kind: vendor.com/gpu.v2
            annotations: {made-by: "test"}
            containerEdits:
              env: ["ALL=1"]
            devices:
              - name: "0"
                containerEdits:
                  deviceNodes: [{path: /dev/gpu0, hostPath: /dev/null, fileMode: 438}]
                  additionalGids: [44]
            """;

    @Test
    void readsYamlAndJsonAlike() throws CdiProblem {
        var file = parse("a.yaml", YAML);
        assertThat(file.kind()).isEqualTo("vendor.com/gpu.v2");
        assertThat(file.edits().at("/env/0").asText()).isEqualTo("ALL=1");
        assertThat(file.devices()).containsOnlyKeys("0");
        var json =
                """
                {"cdiVersion":"0.7.0","kind":"vendor.com/gpu.v2","annotations":{"made-by":"test"},
                 "containerEdits":{"env":["ALL=1"]},"devices":[{"name":"0","containerEdits":
                 {"deviceNodes":[{"path":"/dev/gpu0","hostPath":"/dev/null","fileMode":438}],
                  "additionalGids":[44]}}]}
                """;
        var same = parse("a.json", json);
        assertThat(same.edits()).isEqualTo(file.edits());
        assertThat(same.devices()).isEqualTo(file.devices());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "annotations: {a: b} | 0.5.0 | 0.6.0",
                "containerEdits: {deviceNodes: [{path: /a, hostPath: /b}]} | 0.4.0 | 0.5.0",
                "containerEdits: {mounts: [{hostPath: /a, containerPath: /b, type: tmpfs}]} | 0.3.0"
                        + " | 0.4.0",
                "containerEdits: {intelRdt: {closID: a}} | 0.6.0 | 0.7.0",
                "containerEdits: {additionalGids: [1]} | 0.6.0 | 0.7.0",
                "containerEdits: {intelRdt: {enableMonitoring: true}} | 1.0.0 | 1.1.0",
                "containerEdits: {netDevices: [{hostInterfaceName: a, name: b}]} | 1.0.0 | 1.1.0"
            })
    void aFieldNeedsTheVersionThatBroughtIt(String line, String old, String wanted)
            throws CdiProblem {
        assertThatThrownBy(() -> parse("a.yaml", file(old, line)))
                .hasMessage("cdiVersion: found %s, but the file uses fields of %s", old, wanted);
        assertThat(parse("a.yaml", file(wanted, line)).devices()).containsOnlyKeys("x");
        assertThat(parse("a.yaml", file("v" + wanted, line)).devices()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cdiVersion: 0.9.9 | cdiVersion: found '0.9.9'",
                "kind: vendor | kind: found 'vendor'",
                "kind: vendor.com/ | kind: found 'vendor.com/'",
                "devices: [] | devices: found none",
                "devices: 7 | the file.devices: found something else, wanted a list of objects",
                "devices: [{name: x}] | device x: found no containerEdits",
                "devices: [{name: -x, containerEdits: {env: [A=1]}}] | devices.name: found '-x'",
                "devices: [{name: x, containerEdits: {env: [A]}}] | x.containerEdits.env: found an"
                        + " entry",
                "unknown: 1 | the file: found unknown field unknown",
                "containerEdits: {env: A=1} | containerEdits.env: found something else",
                "containerEdits: {deviceNodes: [{type: c}]} | containerEdits.deviceNodes: found no"
                        + " path",
                "containerEdits: {deviceNodes: [{path: a}]} | .path: found 'a', wanted an absolute",
                "containerEdits: {deviceNodes: [{path: /a, type: x}]} | .type: found 'x'",
                "containerEdits: {deviceNodes: [{path: /a, permissions: rx}]} | permissions: found"
                        + " 'rx'",
                "containerEdits: {deviceNodes: [{path: /a, uid: -1}]} | .uid: found something else",
                "containerEdits: {mounts: [{hostPath: /a}]} | mounts: found no containerPath",
                "containerEdits: {hooks: [{hookName: x, path: /a}]} | hookName: found 'x'",
                "containerEdits: {hooks: [{hookName: poststop, path: a}]} | .path: found 'a'",
                "containerEdits: {hooks: [{hookName: poststop, path: /a, timeout: 0}]} | timeout",
                "containerEdits: {intelRdt: {closID: a/b}} | closID: found no name",
                "kind: *nowhere | is not YAML"
            })
    void whatMakesNoSenseIsNamed(String line, String part) {
        assertThatThrownBy(() -> parse("a.yaml", file("1.1.0", line)))
                .isInstanceOf(CdiProblem.class)
                .hasMessageContaining(part);
    }

    @Test
    void hostileFilesEndInAProblem() {
        var bomb = new StringBuilder("a: &a [x,x]\n");
        for (char c = 'b'; c < 'k'; c++) {
            bomb.append("%c: &%c [*%c,*%c,*%c]\n".formatted(c, c, c - 1, c - 1, c - 1));
        }
        for (var text :
                new String[] {
                    bomb.toString(),
                    "[".repeat(100_000),
                    "!!javax.script.ScriptEngineManager []",
                    "a: 1\na: 2",
                    "",
                    "\u0000",
                    "- 1"
                }) {
            assertThatThrownBy(() -> parse("a.yaml", text)).isInstanceOf(CdiProblem.class);
            assertThatThrownBy(() -> parse("a.json", text)).isInstanceOf(CdiProblem.class);
        }
    }

    /** A small file with one line that replaces or adds to what it has. */
    private static String file(String version, String line) {
        var key = line.substring(0, line.indexOf(':'));
        var text = new StringBuilder();
        for (var each :
                new String[] {
                    "cdiVersion: " + version,
                    "kind: vendor.com/class",
                    "devices: [{name: x, containerEdits: {env: [A=1]}}]"
                }) {
            if (!each.startsWith(key + ":")) {
                text.append(each).append('\n');
            }
        }
        return text + line + "\n";
    }

    private static CdiFile parse(String name, String text) throws CdiProblem {
        return CdiFile.parse(Path.of("/etc/cdi", name), text.getBytes(UTF_8));
    }
}
