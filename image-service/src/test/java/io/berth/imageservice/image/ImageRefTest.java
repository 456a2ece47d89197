package io.berth.imageservice.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageRefTest {

    private static final String HEX =
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @Test
    void portsThatCanBeAskedAreThoseThatAre() {
        for (var text :
                List.of("redis", "a.b/c", "a.b:1/c", "a.b:065535/c", "[::1]/c", "[::1]:5/c")) {
            assertThatCode(() -> ImageRef.parse(text).requirePort()).doesNotThrowAnyException();
        }
        for (var text :
                List.of("a.b:0/c", "a.b:65536/c", "a.b:99999999999999/c", "[::1]:65536/c")) {
            assertThatThrownBy(() -> ImageRef.parse(text).requirePort())
                    .isInstanceOf(ImageException.InvalidReference.class)
                    .hasMessageContaining("port");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "redis, docker.io/library/redis:latest, redis:latest",
        "redis:7, docker.io/library/redis:7, redis:7",
        "team/app, docker.io/team/app:latest, team/app:latest",
        "docker.io/redis, docker.io/library/redis:latest, redis:latest",
        "docker.io/library/redis, docker.io/library/redis:latest, redis:latest",
        "index.docker.io/redis:7, docker.io/library/redis:7, redis:7",
        "library/redis, docker.io/library/redis:latest, redis:latest",
        "localhost/app, localhost/app:latest, localhost/app:latest",
        "localhost:5000/app, localhost:5000/app:latest, localhost:5000/app:latest",
        "localhost:5000, docker.io/library/localhost:5000, localhost:5000",
        "127.0.0.1:5000/a/b:1, 127.0.0.1:5000/a/b:1, 127.0.0.1:5000/a/b:1",
        "[::1]:5000/app, [::1]:5000/app:latest, [::1]:5000/app:latest",
        "example.com/a, example.com/a:latest, example.com/a:latest",
        "example.com:443/a/b/c:v1.2-x, example.com:443/a/b/c:v1.2-x, example.com:443/a/b/c:v1.2-x",
        "Example.com/a, Example.com/a:latest, Example.com/a:latest",
        "a/b__c/d-e--f.g_h, docker.io/a/b__c/d-e--f.g_h:latest, a/b__c/d-e--f.g_h:latest",
        "docker.io/library/a/b, docker.io/library/a/b:latest, library/a/b:latest",
        "host/app, docker.io/host/app:latest, host/app:latest",
        "redis:Tag_1.2, docker.io/library/redis:Tag_1.2, redis:Tag_1.2",
    })
    void textBecomesACompleteName(String text, String canonical, String familiar) {
        ImageRef ref = ImageRef.parse(text);
        assertThat(ref.canonical()).isEqualTo(canonical);
        assertThat(ref.familiar()).isEqualTo(familiar);
        assertThat(ImageRef.parse(canonical)).isEqualTo(ref);
        assertThat(ImageRef.parse(familiar)).isEqualTo(ref);
    }

    @Test
    void digestReferenceHasNoTag() {
        ImageRef ref = ImageRef.parse("redis@sha256:" + HEX);
        assertThat(ref.tag()).isEmpty();
        assertThat(ref.repoTag()).isEmpty();
        assertThat(ref.target()).isEqualTo("sha256:" + HEX);
        assertThat(ref.canonical()).isEqualTo("docker.io/library/redis@sha256:" + HEX);
    }

    @Test
    void digestDecidesOverATagBesideIt() {
        ImageRef ref = ImageRef.parse("host:5000/a:1@sha256:" + HEX);
        assertThat(ref.tag()).hasValue("1");
        assertThat(ref.repoTag()).isEmpty();
        assertThat(ref.target()).isEqualTo("sha256:" + HEX);
        assertThat(ref.canonical()).isEqualTo("host:5000/a:1@sha256:" + HEX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "Redis",
                "team/App",
                "example.com/Team/app",
                "redis:",
                "redis:-x",
                "redis@",
                "redis@sha256:0123",
                "redis@md5:0123456789abcdef0123456789abcdef",
                "redis:1:2",
                "/redis",
                "redis/",
                "a//b",
                "a/-b",
                "a/b-",
                "a/b___c",
                "a/b..c",
                "-host.com/a",
                "host.com:port/a",
                "host.com:/a",
                "https://example.com/a",
                "user@example.com/a",
                "redis 7",
                "redis\n",
                "../etc",
                "example.com/../a",
                HEX,
                "sha256:" + HEX,
            })
    void whatIsNoReferenceIsRefused(String text) {
        assertThatThrownBy(() -> ImageRef.parse(text))
                .isInstanceOf(ImageException.InvalidReference.class)
                .hasMessageStartingWith("image");
    }

    @Test
    void upperCaseRepositoryIsRefusedSayingSo() {
        assertThatThrownBy(() -> ImageRef.parse("team/App"))
                .hasMessageContaining("\"App\"")
                .hasMessageContaining("wanted lower case");
    }

    @Test
    void bareIdIsRefusedAsAnId() {
        assertThatThrownBy(() -> ImageRef.parse(HEX)).hasMessageContaining("found an image id");
    }

    @Test
    void lengthsAreLimited() {
        String longest = "a".repeat(255);
        assertThat(ImageRef.parse("example.com/" + longest).repository()).isEqualTo(longest);
        assertThatThrownBy(() -> ImageRef.parse("example.com/" + longest + "a"))
                .isInstanceOf(ImageException.InvalidReference.class)
                .hasMessageContaining("256 characters; at most 255");
        assertThat(ImageRef.parse("redis:" + "t".repeat(128)).tag()).hasValue("t".repeat(128));
        assertThatThrownBy(() -> ImageRef.parse("redis:" + "t".repeat(129)))
                .isInstanceOf(ImageException.InvalidReference.class);
        assertThatThrownBy(() -> ImageRef.parse("a".repeat(5000)))
                .isInstanceOf(ImageException.InvalidReference.class)
                .hasMessageContaining("5000 characters");
    }
}
