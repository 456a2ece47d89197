package io.berth.linux.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.usage.NetworkDevice.Direction;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NetworkDeviceTest {
    private static final String TEXT =
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:  222132    1774    0    0    0     0          0         0   222132    1774    0    0    0     0       0          0
              eth0: 3102234    2109    1    2    0     0          0         0   180043    1850    3    4    0     0       0          0
             net1.5:18446744073709551615 1 0 0 0 0 0 0 9 8 7 6 0 0 0 0
            """;

    @Test
    void everyInterfaceButTheLoopIsReadBothWays() {
        assertThat(NetworkDevice.parse(TEXT))
                .containsExactly(
                        new NetworkDevice(
                                "eth0",
                                new Direction(3102234, 2109, 1, 2),
                                new Direction(180043, 1850, 3, 4)),
                        new NetworkDevice(
                                "net1.5",
                                new Direction(Long.MAX_VALUE, 1, 0, 0),
                                new Direction(9, 8, 7, 6)));
    }

    @Test
    void aProcessOfTheNamespaceIsAsked() {
        int me = Math.toIntExact(ProcessHandle.current().pid());
        assertThat(NetworkDevice.of(me, Path.of("/proc/self/ns/net"))).isPresent();
    }

    @Test
    void aProcessThatLivesElsewhereIsNotBelieved() {
        int me = Math.toIntExact(ProcessHandle.current().pid());
        assertThat(NetworkDevice.of(me, Path.of("/proc/self/ns/mnt"))).isEmpty();
        assertThat(NetworkDevice.of(me, Path.of("/no/such/pin"))).isEmpty();
        assertThat(NetworkDevice.of(Integer.MAX_VALUE, Path.of("/proc/self/ns/net"))).isEmpty();
    }
}
