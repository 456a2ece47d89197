package io.berth.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static Options parse(String... words) {
        return Options.parse(List.of(words));
    }

    @Test
    void bothAreStartedIfNoneIsNamed() {
        var options = parse();
        assertThat(options.contenders()).containsExactly("berth", "containerd");
        assertThat(options.parts()).containsExactlyInAnyOrder(Part.values());
        assertThat(options.effort()).isEqualTo(Effort.FULL);
    }

    @Test
    void aSocketStandsAlone() {
        assertThat(parse("--endpoint", "unix:///run/a.sock").contenders())
                .containsExactly("/run/a.sock");
        assertThat(parse("--peer", "none").contenders()).containsExactly("berth");
    }

    @Test
    void socketsAreComparedAndMayBeTheSame() {
        assertThat(parse("--endpoint", "/a", "--peer", "/b").contenders())
                .containsExactly("/a", "/b");
        assertThat(parse("--endpoint", "/a", "--peer", "/a").contenders()).hasSize(2);
        assertThat(parse("--endpoint", "/a", "--peer", "containerd").contenders())
                .containsExactly("/a", "containerd");
    }

    @Test
    void partsAreChosen() {
        var options = parse("--quick", "--only", "start,exec", "--output", "json");
        assertThat(options.parts()).containsExactlyInAnyOrder(Part.START, Part.EXEC);
        assertThat(options.effort()).isEqualTo(Effort.QUICK);
        assertThat(options.output()).isEqualTo(Options.Output.JSON);
    }

    @Test
    void whatCannotBeDoneIsNamed() {
        assertThatThrownBy(() -> parse("--fast")).hasMessageContaining("'--fast'");
        assertThatThrownBy(() -> parse("--only", "exec,speed")).hasMessageContaining("'speed'");
        assertThatThrownBy(() -> parse("--endpoint")).hasMessageContaining("no value");
        assertThatThrownBy(() -> parse("--endpoint", "a.sock")).hasMessageContaining("a.sock");
        assertThatThrownBy(() -> parse("--peer", "berth")).hasMessageContaining("twice");
        assertThatThrownBy(() -> parse("--output", "xml")).hasMessageContaining("xml");
    }
}
