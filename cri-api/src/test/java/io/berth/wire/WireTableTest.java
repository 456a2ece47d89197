package io.berth.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.berth.cri.v1.ResourcesProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The generated code and the published protocols agree row for row, and the check can tell. */
final class WireTableTest {

    private static final WireTable CRI = WireTable.read("cri-runtime-v1.tsv");
    private static final WireTable CONTAINERD = WireTable.read("containerd-api.tsv");
    private static final WireTable NRI = WireTable.read("nri-api.tsv");

    /** Spoken between our command and our daemon only: there is no published table of it. */
    private static final String OWN = "berth/admin/";

    private static final WireTable.Difference NONE = new WireTable.Difference(Set.of(), Set.of());

    @Test
    void criIsThePublishedOne() {
        assertThat(CRI.differencesOf(WireTable.of(GeneratedFiles.CRI))).isEqualTo(NONE);
    }

    @Test
    void shimAndProxyProtocolsAreThePublishedOnes() {
        assertThat(CONTAINERD.differencesOf(WireTable.of(GeneratedFiles.CONTAINERD)))
                .isEqualTo(NONE);
    }

    @Test
    void nriIsThePublishedOne() {
        assertThat(NRI.differencesOf(WireTable.of(GeneratedFiles.NRI))).isEqualTo(NONE);
    }

    @Test
    void taskV2AndV3DifferInTheirNameOnly() {
        var v2 = WireTable.of(List.of(io.berth.shim.v2.ShimProto.getDescriptor()));
        var v3 = WireTable.of(List.of(io.berth.shim.v3.ShimProto.getDescriptor()));

        assertThat(
                        v2.rows().stream()
                                .map(row -> row.replace("containerd.task.v2", "containerd.task.v3"))
                                .collect(Collectors.toSet()))
                .isEqualTo(v3.rows());
    }

    @Test
    void everyProtoFileIsHeldAgainstATable() throws IOException {
        var root = Path.of("src/main/protobuf");
        try (Stream<Path> files = Files.walk(root)) {
            var written =
                    files.filter(Files::isRegularFile)
                            .map(file -> root.relativize(file).toString())
                            .filter(file -> !file.startsWith(OWN))
                            .collect(Collectors.toSet());
            var compared =
                    Stream.of(GeneratedFiles.CRI, GeneratedFiles.CONTAINERD, GeneratedFiles.NRI)
                            .flatMap(List::stream)
                            .map(FileDescriptor::getName)
                            .collect(Collectors.toSet());
            assertThat(compared).isEqualTo(written);
        }
    }

    @Test
    void tablesAreWhole() {
        assertThat(CRI.count("rpc")).isEqualTo(43);
        assertThat(CRI.count("message")).isGreaterThanOrEqualTo(175);
        assertThat(CRI.count("field")).isGreaterThanOrEqualTo(478);
        assertThat(CRI.count("enum")).isGreaterThanOrEqualTo(11);
        assertThat(CRI.count("value")).isGreaterThanOrEqualTo(95);
        assertThat(CONTAINERD.count("service")).isEqualTo(6);
        assertThat(CONTAINERD.count("rpc")).isGreaterThanOrEqualTo(56);
        assertThat(CONTAINERD.count("message")).isGreaterThanOrEqualTo(135);
        assertThat(CONTAINERD.count("field")).isGreaterThanOrEqualTo(379);
        assertThat(NRI.count("service")).isEqualTo(3);
        assertThat(NRI.count("rpc")).isEqualTo(21);
        assertThat(NRI.count("message")).isEqualTo(85);
        assertThat(NRI.count("field")).isEqualTo(252);
    }

    @Test
    void tablesSayWhereTheyComeFrom() {
        for (var table : List.of(CRI, CONTAINERD, NRI)) {
            assertThat(table.header())
                    .anyMatch(line -> line.matches("# source: \\S+/\\S+"))
                    .anyMatch(line -> line.matches("# commit: [0-9a-f]{40}"))
                    .anyMatch(line -> line.matches("# date: 20\\d\\d-\\d\\d-\\d\\dT.+"))
                    .anyMatch(line -> line.matches("# file: \\S+\\.proto"));
        }
    }

    @Test
    void oneChangedNumberInTheTableIsNoticed() {
        var row = "field\truntime.v1.LinuxContainerResources\t4\tsingular\tint64\t";
        var right = row + "memory_limit_in_bytes\t-\t-";
        var wrong = right.replace("\t4\t", "\t44\t");
        var changed = new HashSet<>(CRI.rows());
        assertThat(changed.remove(right)).isTrue();
        changed.add(wrong);

        var difference =
                new WireTable(CRI.header(), changed)
                        .differencesOf(WireTable.of(GeneratedFiles.CRI));

        assertThat(difference).isEqualTo(new WireTable.Difference(Set.of(wrong), Set.of(right)));
    }

    @Test
    void oneChangedNumberInAProtoIsNoticed() throws DescriptorValidationException {
        var right = ResourcesProto.getDescriptor();
        FileDescriptorProto.Builder altered = right.toProto().toBuilder();
        var index = right.findMessageTypeByName("HugepageLimit").getIndex();
        altered.getMessageTypeBuilder(index).getFieldBuilder(1).setNumber(3);
        var wrong =
                FileDescriptor.buildFrom(
                        altered.build(), right.getDependencies().toArray(FileDescriptor[]::new));

        var difference = WireTable.of(List.of(right)).differencesOf(WireTable.of(List.of(wrong)));

        var row = "field\truntime.v1.HugepageLimit\t%d\tsingular\tuint64\tlimit\t-\t-";
        assertThat(difference)
                .isEqualTo(
                        new WireTable.Difference(
                                Set.of(row.formatted(2)), Set.of(row.formatted(3))));
    }

    @Test
    void everyRowThatIsTakenOutOfATableIsNoticed() {
        var generated = WireTable.of(GeneratedFiles.CRI);
        for (var row : CRI.rows()) {
            var rest = new HashSet<>(CRI.rows());
            rest.remove(row);
            assertThat(new WireTable(CRI.header(), rest).differencesOf(generated))
                    .isEqualTo(new WireTable.Difference(Set.of(), Set.of(row)));
        }
    }
}
