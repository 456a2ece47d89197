package io.berth.imageservice.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Look-ups in the view that lists and finds are answered from. */
class ImageViewTest {

    private static final String HEX = "ab12" + "0".repeat(60);
    private static final String OTHER = "ab34" + "0".repeat(60);
    private static final Digest MANIFEST =
            Digest.sha256("manifest".getBytes(StandardCharsets.UTF_8));

    private static Image image(String hex, String... tags) {
        return new Image(
                new Digest("sha256", hex),
                List.of(tags),
                List.of("docker.io/library/redis@" + MANIFEST),
                1,
                "",
                new ImageDetails(new Digest("sha256", hex), 0, Optional::empty),
                new SnapshotName("sha256:" + hex),
                MANIFEST,
                false,
                Instant.EPOCH,
                Map.of());
    }

    private final Image redis = image(HEX, "docker.io/library/redis:7");
    private final ImageView view = new ImageView(List.of(redis, image(OTHER)));

    @Test
    void imageIsFoundByEveryNameOfIt() {
        for (String text :
                List.of(
                        HEX,
                        "sha256:" + HEX,
                        "sha256:ab12",
                        "ab12",
                        HEX.substring(0, 12),
                        "redis:7",
                        "library/redis:7",
                        "docker.io/library/redis:7")) {
            assertThat(view.find(text)).as(text).hasValue(redis);
        }
        assertThat(new ImageView(List.of(redis)).find("redis@" + MANIFEST)).hasValue(redis);
    }

    @Test
    void whatNamesNothingIsNotFound() {
        for (String text :
                List.of(
                        "",
                        "redis",
                        "redis:8",
                        "Redis:7",
                        "ffff",
                        "sha256:",
                        "sha256:xyz",
                        "a b")) {
            assertThat(view.find(text)).as(text).isEmpty();
        }
    }

    @Test
    void ambiguousPrefixIsRefused() {
        assertThatThrownBy(() -> view.find("ab"))
                .isInstanceOf(ImageException.InvalidReference.class)
                .hasMessageContaining("2 image ids begin so");
    }

    @Test
    void nameWinsOverThePrefixOfAnId() {
        Image cafe = image(OTHER, "docker.io/library/ab12:latest");
        assertThat(new ImageView(List.of(redis, cafe)).find("ab12")).hasValue(cafe);
    }

    private static boolean pinned(Image image, String... patterns) {
        return new PinnedImages(List.of(patterns)).applied(image).pinned();
    }

    @Test
    void imagesArePinnedByNameBeginningOrPart() {
        assertThat(pinned(redis, "redis:7")).isTrue();
        assertThat(pinned(redis, "docker.io/library/redis:7")).isTrue();
        assertThat(pinned(redis, "redis@" + MANIFEST)).isTrue();
        assertThat(pinned(redis, "docker.io/library/*")).isTrue();
        assertThat(pinned(redis, "*/redis*")).isTrue();
        assertThat(pinned(redis, "redis:8", "quay.io/*", "*postgres*")).isFalse();
        assertThat(pinned(redis)).isFalse();
        assertThat(PinnedImages.NONE.applied(redis)).isSameAs(redis);
        for (String bad : List.of("", "*", "**", "a*b", "*end", "In Valid")) {
            assertThatThrownBy(() -> new PinnedImages(List.of(bad)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("found \"" + bad + "\", wanted a reference");
        }
    }
}
