package io.berth.imageservice.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class CredentialsTest {

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void nothingGivenIsNoCredentials() {
        assertThat(Credentials.of("", "", "", "example.com", "", "")).isEmpty();
    }

    @Test
    void registryTokenWinsOverIdentityTokenOverPassword() {
        assertThat(Credentials.of("u", "p", "", "s", "i", "r"))
                .hasValue(new Credentials.RegistryToken("r", "s"));
        assertThat(Credentials.of("u", "p", "", "s", "i", ""))
                .hasValue(new Credentials.IdentityToken("u", "i", "s"));
        assertThat(Credentials.of("u", "p", "", "s", "", ""))
                .hasValue(new Credentials.Basic("u", "p", "s"));
    }

    @Test
    void base64FieldIsUserAndPassword() {
        assertThat(Credentials.of("", "", base64("user:pa:ss\0"), "", "", ""))
                .hasValue(new Credentials.Basic("user", "pa:ss", ""));
    }

    @Test
    void malformedBase64FieldIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> Credentials.of("", "", "%secret%", "", "", ""))
                .isInstanceOf(ImageException.InvalidReference.class)
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> Credentials.of("", "", base64("secret"), "", "", ""))
                .hasMessageContaining("no ':'")
                .hasMessageNotContaining("secret");
    }

    @Test
    void registryTokenThatNoHeaderTakesIsRefusedWithoutShowingIt() {
        for (var token : new String[] {"se\ncret", "se cret", "secr\u00e9t", "secret\0"}) {
            assertThatThrownBy(() -> Credentials.of("", "", "", "", "", token))
                    .isInstanceOf(ImageException.InvalidReference.class)
                    .hasMessageContaining("registry_token")
                    .hasMessageNotContaining(token);
        }
    }

    @Test
    void textNeverHoldsASecret() {
        assertThat(new Credentials.Basic("user", "secret", "s").toString())
                .contains("user")
                .doesNotContain("secret");
        assertThat(new Credentials.IdentityToken("user", "secret", "s").toString())
                .doesNotContain("secret");
        assertThat(new Credentials.RegistryToken("secret", "s").toString())
                .doesNotContain("secret");
    }
}
