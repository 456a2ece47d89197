package io.berth.cni;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfTemplateTest {
    private static final String TEMPLATE =
            """
            {"cniVersion": "1.0.0", "name": "pods", "plugins": [{
              "type": "ptp",
              "ipam": {
                "type": "host-local",
                "subnet": "{{.PodCIDR}}",
                "ranges": [{{range $i, $range := .PodCIDRRanges}}{{if $i}}, {{end}}[{"subnet": "{{$range}}"}]{{end}}],
                "routes": [{{range $i, $route := .Routes}}{{if $i}}, {{end}}{"dst": "{{$route}}"}{{end}}]
              }
            }]}
            """;

    @TempDir Path folder;

    private Path template(String text) throws IOException {
        return Files.writeString(folder.resolve("template"), text);
    }

    @Test
    void fillsRangesAndOneDefaultRouteAFamily() throws IOException {
        var cidrs = ConfTemplate.cidrs("10.1.0.0/24, fd00::/64,10.2.0.0/24");
        var json = Json.object(ConfTemplate.render(template(TEMPLATE), cidrs));
        var ipam = json.at("/plugins/0/ipam");
        assertThat(ipam.path("subnet").asText()).isEqualTo("10.1.0.0/24");
        assertThat(ipam.at("/ranges/1/0/subnet").asText()).isEqualTo("fd00::/64");
        assertThat(ipam.path("ranges")).hasSize(3);
        assertThat(ipam.path("routes").findValuesAsText("dst"))
                .containsExactly("0.0.0.0/0", "::/0");
    }

    @Test
    void cidrsAreChecked() {
        assertThat(ConfTemplate.cidrs("")).isEmpty();
        assertThat(ConfTemplate.cidrs("10.0.0.0/8")).isEqualTo(List.of("10.0.0.0/8"));
        assertThatThrownBy(() -> ConfTemplate.cidrs("10.0.0.0/8,\"x\""))
                .hasMessageStartingWith("pod_cidr: found");
        assertThatThrownBy(() -> ConfTemplate.cidrs("10.0.0.0/8,".repeat(40)))
                .hasMessageContaining("more than 16");
    }

    @Test
    void aResultThatIsNoNetworkIsRefusedByTheTemplatesName() throws IOException {
        var cidrs = List.of("10.0.0.0/8");
        for (var wrong : List.of("{{.PodCIDR}}", "{\"name\": \"x\"}", "{{.No}}")) {
            var template = template(wrong);
            assertThatThrownBy(() -> ConfTemplate.render(template, cidrs))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(template.toString());
        }
        var large = template(" ".repeat(2 << 20));
        assertThatThrownBy(() -> ConfTemplate.render(large, cidrs))
                .hasMessageContaining("more than 1048576 bytes");
        assertThat(new String(ConfTemplate.render(template(TEMPLATE), cidrs), UTF_8))
                .contains("10.0.0.0/8");
    }
}
