package io.berth.sandbox.stats;

import static io.berth.cri.v1.MetricType.COUNTER;
import static io.berth.cri.v1.MetricType.GAUGE;

import io.berth.cri.v1.MetricDescriptor;
import io.berth.cri.v1.MetricType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The metrics of pods and containers, by the names that cAdvisor has given them; the metric's name
 * is {@code container_} and the constant's. Labels are those of containerd, in its order.
 */
enum MetricName {
    CPU_USAGE_SECONDS_TOTAL(COUNTER, "Processor time used, in whole seconds."),
    CPU_USER_SECONDS_TOTAL(COUNTER, "Processor time used in user space, in whole seconds."),
    CPU_SYSTEM_SECONDS_TOTAL(COUNTER, "Processor time used in the kernel, in whole seconds."),
    CPU_CFS_PERIODS_TOTAL(COUNTER, "Periods in which the processor limit was applied."),
    CPU_CFS_THROTTLED_PERIODS_TOTAL(COUNTER, "Periods in which it made tasks wait."),
    CPU_CFS_THROTTLED_SECONDS_TOTAL(COUNTER, "How long it made them wait, in whole seconds."),
    MEMORY_USAGE_BYTES(GAUGE, "Memory in use, all that is charged."),
    MEMORY_WORKING_SET_BYTES(GAUGE, "Memory in use, less file pages that would be dropped first."),
    MEMORY_MAX_USAGE_BYTES(GAUGE, "The most memory that was in use."),
    MEMORY_RSS(GAUGE, "Bytes of memory that belong to no file."),
    MEMORY_CACHE(GAUGE, "Bytes of memory that hold files."),
    MEMORY_MAPPED_FILE(GAUGE, "Bytes of mapped files."),
    MEMORY_TOTAL_ACTIVE_FILE_BYTES(GAUGE, "File pages in recent use."),
    MEMORY_TOTAL_INACTIVE_FILE_BYTES(GAUGE, "File pages that would be dropped first."),
    MEMORY_KERNEL_USAGE(GAUGE, "Bytes that the kernel holds for the container."),
    MEMORY_SWAP(GAUGE, "Bytes of swap in use."),
    MEMORY_FAILCNT(COUNTER, "How often a charge met the memory limit."),
    MEMORY_FAILURES_TOTAL(COUNTER, "Page faults.", "failure_type", "scope"),
    OOM_EVENTS_TOTAL(COUNTER, "Processes killed for want of memory."),
    HUGETLB_USAGE_BYTES(GAUGE, "Huge pages in use.", "pagesize"),
    HUGETLB_MAX_USAGE_BYTES(GAUGE, "The most huge pages that were in use.", "pagesize"),
    NETWORK_RECEIVE_BYTES_TOTAL(COUNTER, "Bytes received.", "interface"),
    NETWORK_RECEIVE_PACKETS_TOTAL(COUNTER, "Packets received.", "interface"),
    NETWORK_RECEIVE_PACKETS_DROPPED_TOTAL(COUNTER, "Packets dropped on arrival.", "interface"),
    NETWORK_RECEIVE_ERRORS_TOTAL(COUNTER, "Errors on arrival.", "interface"),
    NETWORK_TRANSMIT_BYTES_TOTAL(COUNTER, "Bytes sent.", "interface"),
    NETWORK_TRANSMIT_PACKETS_TOTAL(COUNTER, "Packets sent.", "interface"),
    NETWORK_TRANSMIT_PACKETS_DROPPED_TOTAL(COUNTER, "Packets dropped on sending.", "interface"),
    NETWORK_TRANSMIT_ERRORS_TOTAL(COUNTER, "Errors on sending.", "interface"),
    FS_USAGE_BYTES(GAUGE, "Bytes in the writable layer.", "device"),
    FS_LIMIT_BYTES(GAUGE, "Size of the file system that the writable layer is on.", "device"),
    FS_INODES_TOTAL(GAUGE, "Inodes of that file system.", "device"),
    FS_INODES_FREE(GAUGE, "Inodes of that file system that are free.", "device"),
    FS_READS_BYTES_TOTAL(COUNTER, "Bytes read from a device.", "device"),
    FS_READS_TOTAL(COUNTER, "Reads from a device.", "device"),
    FS_WRITES_BYTES_TOTAL(COUNTER, "Bytes written to a device.", "device"),
    FS_WRITES_TOTAL(COUNTER, "Writes to a device.", "device"),
    BLKIO_DEVICE_USAGE_TOTAL(
            COUNTER,
            "Bytes moved by a device, by kind of operation.",
            "device",
            "major",
            "minor",
            "operation"),
    PRESSURE_CPU_STALLED_SECONDS_TOTAL(COUNTER, "Seconds in which all tasks waited to run."),
    PRESSURE_CPU_WAITING_SECONDS_TOTAL(COUNTER, "Seconds in which a task waited to run."),
    PRESSURE_MEMORY_STALLED_SECONDS_TOTAL(COUNTER, "Seconds in which all waited for memory."),
    PRESSURE_MEMORY_WAITING_SECONDS_TOTAL(COUNTER, "Seconds in which a task waited for memory."),
    PRESSURE_IO_STALLED_SECONDS_TOTAL(COUNTER, "Seconds in which all waited for a device."),
    PRESSURE_IO_WAITING_SECONDS_TOTAL(COUNTER, "Seconds in which a task waited for a device."),
    PROCESSES(GAUGE, "How many processes run."),
    THREADS(GAUGE, "How many threads run."),
    THREADS_MAX(GAUGE, "How many threads may run; 0 if there is no limit."),
    FILE_DESCRIPTORS(GAUGE, "How many files are open."),
    SOCKETS(GAUGE, "How many sockets are open."),
    ULIMITS_SOFT(GAUGE, "Soft limits of the first process that are numbers.", "ulimit"),
    LAST_SEEN(GAUGE, "When this was read, in seconds since 1970."),
    START_TIME_SECONDS(GAUGE, "When it was started, in seconds since 1970."),
    SPEC_CPU_PERIOD(GAUGE, "Length of a period of the processor limit, in microseconds."),
    SPEC_CPU_QUOTA(GAUGE, "Processor time in each period, in microseconds."),
    SPEC_CPU_SHARES(GAUGE, "Share of processor time when it is scarce; 1024 is usual."),
    SPEC_MEMORY_LIMIT_BYTES(GAUGE, "Memory limit; 0 if there is none."),
    SPEC_MEMORY_RESERVATION_LIMIT_BYTES(GAUGE, "Memory that is kept for it; 0 if none is."),
    SPEC_MEMORY_SWAP_LIMIT_BYTES(GAUGE, "Swap limit; 0 if there is none.");

    private static final List<String> BASE =
            List.of("pod", "namespace", "container", "id", "image");

    private final MetricType type;
    private final String help;

    /** Names of the labels of its own, separated by spaces. */
    private final String more;

    MetricName(MetricType type, String help, String... more) {
        this.type = type;
        this.help = help;
        this.more = String.join(" ", more);
    }

    MetricType type() {
        return type;
    }

    /** How many labels it has beyond the ones of all. */
    int moreLabels() {
        return more().size();
    }

    private List<String> more() {
        return more.isEmpty() ? List.of() : List.of(more.split(" ", -1));
    }

    /** The name that is exported. */
    String exported() {
        return "container_" + name().toLowerCase(Locale.ROOT);
    }

    private MetricDescriptor descriptor() {
        var keys = new ArrayList<>(BASE);
        keys.addAll(more());
        return MetricDescriptor.newBuilder()
                .setName(exported())
                .setHelp(help)
                .addAllLabelKeys(keys)
                .build();
    }

    static List<MetricDescriptor> descriptors() {
        return Arrays.stream(values()).map(MetricName::descriptor).toList();
    }
}
