package io.berth.cni;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultParserTest {
    private static final CniVersion V1 = new CniVersion(1, 0, 0);

    private static CniResult parse(String json) {
        return ResultParser.parse(json.getBytes(UTF_8), V1);
    }

    @Test
    void addressesOfOtherInterfacesAreNotThePods() {
        var result =
                parse(
                        """
                        { "cniVersion": "1.0.0",
                          "interfaces": [ {"name": "cni0"},
                                          {"name": "eth0", "sandbox": "/run/netns/x"} ],
                          "ips": [ {"address": "10.1.0.1/24", "interface": 0},
                                   {"address": "10.1.0.7/24", "interface": 1,
                                    "gateway": "10.1.0.1"},
                                   {"address": "FD00:0::7/64", "interface": 1} ],
                          "routes": [ {"dst": "0.0.0.0/0", "gw": "10.1.0.1", "mtu": 1400} ],
                          "dns": {"nameservers": ["10.1.0.2"], "search": ["x"], "domain": "d"},
                          "unknown": {"kept": true} }
                        """);
        assertThat(result.podIps("eth0")).containsExactly("10.1.0.7", "fd00::7");
        assertThat(result.dns().servers()).containsExactly("10.1.0.2");
        assertThat(result.forPod("eth0").json()).contains("\"kept\":true");
        assertThat(result.interfaces().getLast().sandbox()).isEqualTo("/run/netns/x");
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"dst\":\"::/0\"},{\"dst\":\"0.0.0.0/0\"}', fd00::7, 10.1.0.7",
        "'{\"dst\":\"0.0.0.0/0\"},{\"dst\":\"::/0\"}', 10.1.0.7, fd00::7",
        "'{\"dst\":\"10.9.0.0/16\"}', 10.1.0.7, fd00::7",
        "'{\"dst\":\"10.9.0.0/16\"},{\"dst\":\"::/0\"}', fd00::7, 10.1.0.7",
        "'', 10.1.0.7, fd00::7"
    })
    void familyOfTheFirstDefaultRouteLeads(String routes, String first, String second) {
        var result =
                parse(
                        """
                        { "ips": [ {"address": "10.1.0.7/24"}, {"address": "fd00::7/64"} ],
                          "routes": [%s] }
                        """
                                .formatted(routes));
        assertThat(result.podIps("eth0")).containsExactly(first, second);
    }

    @Test
    void previousResultIsInTheVersionOfTheNetwork() {
        var result = parse("{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"fd00::7/64\"}]}");
        assertThat(Json.text(result.asPrevious(new CniVersion(0, 3, 1))))
                .isEqualTo(
                        "{\"cniVersion\":\"0.3.1\","
                                + "\"ips\":[{\"address\":\"fd00::7/64\",\"version\":\"6\"}]}");
        var old =
                parse(
                        "{\"cniVersion\":\"0.4.0\","
                                + "\"ips\":[{\"version\":\"4\",\"address\":\"10.1.0.7/24\"}]}");
        assertThat(Json.text(old.asPrevious(V1)))
                .isEqualTo("{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"10.1.0.7/24\"}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                            | found nothing",
                "hello                                         | found malformed JSON",
                "{\"ips\":[                                    | found malformed JSON",
                "{} {}                                         | found malformed JSON",
                "[]                                            | found an array",
                "null                                          | found null",
                "{\"cniVersion\":\"0.2.0\"}                    | cniVersion: found 0.2.0",
                "{\"cniVersion\":\"9.9\"}                      | cniVersion: found 9.9.0",
                "{\"cniVersion\":\"x\"}                        | cniVersion: found \"x\"",
                "{\"cniVersion\":7}                            | cniVersion: found 7",
                "{\"ips\":{}}                                  | ips: found an object",
                "{\"ips\":[7]}                                 | ips[0]: found a number",
                "{\"ips\":[{}]}                                | ips[0].address: found \"\"",
                "{\"ips\":[{\"address\":\"10.1.0.7\"}]}        | ips[0].address: found",
                "{\"ips\":[{\"address\":\"evil.com/8\"}]}      | ips[0].address: found",
                "{\"ips\":[{\"address\":\"0.0.0.0/0\"}]}       | ips[0].address: found 0.0.0.0",
                "{\"ips\":[{\"address\":\"224.0.0.1/8\"}]}     | ips[0].address: found 224.0.0.1",
                "{\"ips\":[{\"address\":\"1.2.3.4/8\",\"gateway\":\"g\"}]}| ips[0].gateway: found",
                "{\"ips\":[{\"address\":\"1.2.3.4/8\",\"interface\":0}]} | interface: found 0",
                "{\"ips\":[{\"address\":\"1.2.3.4/8\",\"interface\":-1}]} | interface: found -1",
                "{\"ips\":[{\"address\":\"1.2.3.4/8\",\"interface\":1e9}]} | interface: found",
                "{\"interfaces\":[{\"mac\":\"x\"}]}            | interfaces[0].name: found none",
                "{\"routes\":[{\"dst\":\"everywhere\"}]}       | routes[0].dst: found",
                "{\"dns\":[]}                                  | dns: found an array",
                "{\"dns\":{\"search\":[7]}}                    | dns.search[0]: found 7"
            })
    void hostileAnswersAreNamed(String answer, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(answer))
                .withMessageContaining(problem);
    }

    @Test
    void sizesAreLimited() {
        var ip = "{\"address\":\"10.1.0.7/24\"},";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("{\"ips\":[" + ip.repeat(64) + "{}]}"))
                .withMessageContaining("ips: found 65, wanted at most 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("{\"x\":" + "[".repeat(500) + "]".repeat(500) + "}"))
                .withMessageContaining("found malformed JSON");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse("{\"x\":" + "9".repeat(5000) + "}"))
                .withMessageContaining("found malformed JSON");
    }

    @Test
    void damagedAnswersAreRefusedAndNeverBreakTheParser() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var good =
                """
                {"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"/x"}],
                 "ips":[{"address":"10.1.0.7/24","interface":0}],"routes":[{"dst":"0.0.0.0/0"}]}
                """;
        for (int round = 0; round < 20_000; round++) {
            var bytes = good.getBytes(UTF_8);
            for (int damage = random.nextInt(4); damage >= 0; damage--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                ResultParser.parse(bytes, V1).forPod("eth0");
            } catch (IllegalArgumentException refused) {
                assertThat(refused).as("seed %d", seed).hasMessageContaining("found");
            }
        }
    }
}
