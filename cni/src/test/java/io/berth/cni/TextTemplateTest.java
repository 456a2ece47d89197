package io.berth.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTemplateTest {
    private static final Map<String, Object> VALUES =
            Map.of("One", "1.2.3.0/24", "Many", List.of("a", "b"), "None", List.of());

    private static String render(String template) {
        return TextTemplate.parse(template).render(VALUES);
    }

    @Test
    void valuesRangesAndConditions() {
        assertThat(render("x {{.One}} y")).isEqualTo("x 1.2.3.0/24 y");
        assertThat(render("[{{range $i, $e := .Many}}{{if $i}}, {{end}}\"{{$e}}\"{{end}}]"))
                .isEqualTo("[\"a\", \"b\"]");
        assertThat(render("{{range .Many}}{{.}}{{$.One}};{{end}}"))
                .isEqualTo("a1.2.3.0/24;b1.2.3.0/24;");
        assertThat(render("{{range $e := .Many}}{{ $e }}{{else}}nothing{{end}}")).isEqualTo("ab");
        assertThat(render("{{range .None}}x{{else}}nothing{{end}}")).isEqualTo("nothing");
        assertThat(render("{{if .None}}yes{{else}}no{{end}}{{if .One}}!{{end}}")).isEqualTo("no!");
    }

    @Test
    void dashesTrimAndCommentsVanish() {
        assertThat(render("a \n {{- .One -}} \n b{{/* {\"x\": 1} */}}c"))
                .isEqualTo("a1.2.3.0/24bc");
    }

    @ParameterizedTest
    @CsvSource({
        "'{{.Nothing}}', line 1: found .Nothing",
        "'\n\n{{printf 3}}', line 3: found {{printf 3}}",
        "'{{range .Many}}', found no {{end}}",
        "'{{end}}', found {{end}}",
        "'{{else}}', found {{else}}",
        "'{{.Many}}', found a list",
        "'{{range .One}}{{end}}', found one value",
        "'{{.One', that nothing closes"
    })
    void whatIsWrongIsNamed(String template, String part) {
        assertThatThrownBy(() -> render(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(part);
    }

    @Test
    void theResultAndTheDepthAreBounded() {
        var many = "{{range $.Many}}".repeat(30) + "x" + "{{end}}".repeat(30);
        assertThatThrownBy(() -> render(many)).hasMessageContaining("more than 1048576");
        var deep = "{{if .One}}".repeat(40) + "x" + "{{end}}".repeat(40);
        assertThatThrownBy(() -> render(deep)).hasMessageContaining("more than 32");
    }
}
