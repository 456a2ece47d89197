package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.IDMapping;
import io.berth.sandbox.SandboxException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdMapTest {
    @Test
    void idsAreThoseOfTheirRange() {
        var map = IdMap.of(List.of(range(0, 1000, 10), range(100, 5000, 1)), "uids");
        assertThat(map.toHost(0)).isEqualTo(1000);
        assertThat(map.toHost(9)).isEqualTo(1009);
        assertThat(map.toHost(10)).isEqualTo(-1);
        assertThat(map.toHost(100)).isEqualTo(5000);
        assertThat(map.lines()).isEqualTo("0 1000 10\n100 5000 1\n");
    }

    @Test
    void idsAreUnsigned() {
        var map = IdMap.of(List.of(range(0, 0x8000_0000, 0x7fff_ffff)), "uids");
        assertThat(map.toHost(1)).isEqualTo(0x8000_0001L);
        assertThatThrownBy(() -> IdMap.of(List.of(range(0, -1, 1)), "uids"))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessage(
                        "uids[0]: found 1 ids from 0 as from 4294967295, wanted at least one and"
                                + " none above 4294967294");
    }

    @Test
    void rangesThatAreEmptyOverlapOrAreTooManyAreRefused() {
        assertThatThrownBy(() -> IdMap.of(List.of(range(0, 1, 0)), "gids"))
                .hasMessageStartingWith("gids[0]: found 0 ids");
        assertThatThrownBy(() -> IdMap.of(List.of(range(0, 0, 5), range(4, 100, 5)), "gids"))
                .hasMessageStartingWith("gids[1]: overlaps");
        assertThatThrownBy(() -> IdMap.of(List.of(range(0, 50, 5), range(9, 54, 5)), "gids"))
                .hasMessageStartingWith("gids[1]: overlaps");
        assertThatThrownBy(() -> IdMap.of(Collections.nCopies(341, range(0, 0, 1)), "gids"))
                .hasMessage("gids: found 341 ranges, wanted 340 at most");
    }

    private static IDMapping range(int container, int host, int length) {
        return IDMapping.newBuilder()
                .setContainerId(container)
                .setHostId(host)
                .setLength(length)
                .build();
    }
}
