package io.berth.storage.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;

/** Why the tar reader is our own; when this fails, the library may have become good enough. */
class TarLibraryTest {
    @Test
    void libraryLosesBytesOfExtendedAttributes() throws IOException {
        byte[] capability = {1, 0, 0, 2, (byte) 0x80, (byte) 0xff, 0, 0};
        String key = "SCHILY.xattr.security.capability";
        byte[] tar = new TarBytes().add(TarBytes.file("ping").pax(key, capability)).end();
        try (var library = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            String value = library.getNextEntry().getExtraPaxHeader(key);
            assertThat(value.getBytes(StandardCharsets.UTF_8)).isNotEqualTo(capability);
        }
        var ours = new TarReader(new ByteArrayInputStream(tar), LayerLimits.DEFAULT).next();
        assertThat(ours.orElseThrow().xattrs().get("security.capability")).isEqualTo(capability);
    }
}
