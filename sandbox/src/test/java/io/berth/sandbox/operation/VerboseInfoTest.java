package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.berth.cni.Dns;
import io.berth.cni.NetworkResult;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.NamespaceMode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What verbose statuses print has the form of containerd's. */
final class VerboseInfoTest {
    @Test
    void aMessageIsShownWithWhatIsSetInIt() {
        var config = ContainerConfig.newBuilder().setTty(true).addCommand("sh").putLabels("a", "b");
        config.getMetadataBuilder().setName("c");
        config.addEnvs(KeyValue.newBuilder().setKey("K").setValue(ByteString.copyFromUtf8("v")));
        var security = config.getLinuxBuilder().getSecurityContextBuilder();
        security.setRunAsUser(Int64Value.newBuilder().setValue(7));
        security.getNamespaceOptionsBuilder().setPid(NamespaceMode.NODE);
        assertThat(MessageInfo.of(config.build()).toString())
                .isEqualTo(
                        "{\"metadata\":{\"name\":\"c\"},\"command\":[\"sh\"],"
                                + "\"envs\":[{\"key\":\"K\",\"value\":\"v\"}],"
                                + "\"labels\":{\"a\":\"b\"},\"tty\":true,"
                                + "\"linux\":{\"security_context\":{\"namespace_options\":{\"pid\":2},"
                                + "\"run_as_user\":{\"value\":7}}}}");
    }

    @Test
    void addressesAreShownByInterface() throws IOException {
        var answer =
                """
                {"interfaces": [{"name": "br0", "mac": "aa"},
                                {"name": "eth0", "mac": "bb", "sandbox": "/netns/x"}],
                 "ips": [{"address": "10.1.0.2/16", "gateway": "10.1.0.1", "interface": 1},
                         {"address": "fd00::2/64", "interface": 1}],
                 "routes": [{"dst": "0.0.0.0/0"}]}
                """;
        var info =
                CniInfo.of(
                        List.of(new NetworkResult(List.of("10.1.0.2"), List.of(), NO_DNS, answer)));
        assertThat(info.at("/Interfaces/eth0").toString())
                .isEqualTo(
                        "{\"IPConfigs\":[{\"IP\":\"10.1.0.2\",\"Gateway\":\"10.1.0.1\"},"
                                + "{\"IP\":\"fd00::2\",\"Gateway\":\"\"}],\"Mac\":\"bb\","
                                + "\"Sandbox\":\"/netns/x\"}");
        assertThat(info.at("/Interfaces/br0/IPConfigs")).isEmpty();
        assertThat(info.at("/Routes/0/dst").asText()).isEqualTo("0.0.0.0/0");
        assertThat(info.at("/DNS").toString()).isEqualTo("[{}]");
    }

    @Test
    void anAddressOfNoInterfaceIsTheFirstOnes() throws IOException {
        var answer = "{\"ips\": [{\"address\": \"10.1.0.2/16\"}]}";
        var info = CniInfo.of(List.of(new NetworkResult(List.of(), List.of(), NO_DNS, answer)));
        assertThat(info.at("/Interfaces/eth0/IPConfigs/0/IP").asText()).isEqualTo("10.1.0.2");
    }

    private static final Dns NO_DNS = new Dns(List.of(), "", List.of(), List.of());
}
