package io.berth.daemon.cri;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.Image;
import org.junit.jupiter.api.Test;

/** An image's user, as the kubelet reads it to keep root out. */
final class ImageUserTest {
    @Test
    void aNumberIsAUid() {
        assertThat(image("1000").getUid().getValue()).isEqualTo(1000);
        assertThat(image("1000:50").getUid().getValue()).isEqualTo(1000);
        assertThat(image("1000").getUsername()).isEmpty();
    }

    @Test
    void aNameIsAName() {
        assertThat(image("nobody").getUsername()).isEqualTo("nobody");
        assertThat(image("nobody:nogroup").getUsername()).isEqualTo("nobody");
        assertThat(image("nobody").hasUid()).isFalse();
        assertThat(image("12345678901").getUsername()).isEqualTo("12345678901");
    }

    @Test
    void nobodyNamedIsRoot() {
        assertThat(image("").hasUid()).isTrue();
        assertThat(image("").getUid().getValue()).isZero();
        assertThat(image(":50").getUid().getValue()).isZero();
    }

    private static Image image(String user) {
        var image = Image.newBuilder();
        ImageEndpoint.user(user, image::setUid, image::setUsername);
        return image.build();
    }
}
