package io.berth.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DebugFormat;
import io.berth.cri.v1.AuthConfig;
import io.berth.cri.v1.PullImageRequest;
import org.junit.jupiter.api.Test;

/** A request that carries credentials can be printed without them. */
final class CredentialsTest {

    @Test
    void debugFormatShowsNoSecretOfAPull() {
        var request =
                PullImageRequest.newBuilder()
                        .setAuth(
                                AuthConfig.newBuilder()
                                        .setUsername("shown")
                                        .setPassword("hidden-1")
                                        .setAuth("hidden-2")
                                        .setIdentityToken("hidden-3")
                                        .setRegistryToken("hidden-4"))
                        .build();

        assertThat(DebugFormat.singleLine().toString(request))
                .contains("shown")
                .doesNotContain("hidden");
    }
}
