package io.berth.daemon;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FolderNamesTest {
    @Test
    void namesThatMountOptionsWouldSplitAreRefused() {
        for (var name : new String[] {"/a:b", "/a,b", "/a\\b", "/a\"b", "/a\nb", "/a/b:/c"}) {
            assertThatExceptionOfType(DaemonProcess.Refused.class)
                    .as(name)
                    .isThrownBy(() -> FolderNames.require("root", Path.of(name)))
                    .withMessageStartingWith("berth daemon: root: found ")
                    .withMessageNotContaining("\n");
        }
    }

    @Test
    void otherNamesAreTaken() {
        for (var name : new String[] {"/var/lib/berth", "/a b", "/a%b#c", "/\u00e4'=;"}) {
            assertThatCode(() -> FolderNames.require("state", Path.of(name)))
                    .doesNotThrowAnyException();
        }
    }
}
