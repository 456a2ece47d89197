package io.berth.imageservice.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestReaderTest {

    private static final String DIGEST = "sha256:" + "ab".repeat(32);
    private static final String CONFIG =
            "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":9}"
                    .formatted(DIGEST);
    private static final String LAYER =
            "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"%s\",\"size\":9}"
                    .formatted(DIGEST);

    private final ManifestReader reader = new ManifestReader("image x");

    private Manifest read(String type, String text) {
        return reader.read(type, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String manifest(String config, String layers) {
        return "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}".formatted(config, layers);
    }

    private void assertRefused(String type, String text, String... said) {
        assertThatThrownBy(() -> read(type, text))
                .isInstanceOf(ImageException.InvalidManifest.class)
                .hasMessageStartingWith("image x: manifest")
                .hasMessageContainingAll(said);
    }

    @Test
    void manifestIsReadWithAndWithoutAType() {
        var wanted =
                new Manifest.Single(
                        new Descriptor(MediaTypes.OCI_CONFIG, Digest.parse(DIGEST), 9),
                        List.of(
                                new Descriptor(
                                        MediaTypes.OCI_LAYER + "+gzip", Digest.parse(DIGEST), 9)),
                        Map.of());
        assertThat(read(MediaTypes.OCI_MANIFEST, manifest(CONFIG, LAYER))).isEqualTo(wanted);
        assertThat(read("", manifest(CONFIG, LAYER))).isEqualTo(wanted);
        assertThat(read("text/plain", manifest(CONFIG, LAYER))).isEqualTo(wanted);
    }

    @Test
    void annotationsAreKeptUpToALimit() {
        String text = manifest(CONFIG, LAYER);
        String noted =
                text.substring(0, text.lastIndexOf('}')) + ",\"annotations\":{\"a\":\"%s\"}}";
        var single = (Manifest.Single) read("", noted.formatted("b"));
        assertThat(single.annotations()).isEqualTo(Map.of("a", "b"));
        assertRefused(
                "",
                noted.formatted("b".repeat(ManifestReader.MAX_ANNOTATIONS)),
                "field annotations",
                "at most " + ManifestReader.MAX_ANNOTATIONS);
        assertRefused("", noted.replace("\"%s\"", "7"), "field a: found no text");
    }

    @Test
    void typeInTheDocumentMustBeTheHosts() {
        String text =
                manifest(CONFIG, LAYER)
                        .replaceFirst(
                                "\\{", "{\"mediaType\":\"" + MediaTypes.DOCKER_MANIFEST + "\",");
        assertRefused(MediaTypes.OCI_MANIFEST, text, "field mediaType", MediaTypes.OCI_MANIFEST);
    }

    @Test
    void documentThatIsBothIsRefused() {
        assertRefused(
                "",
                "{\"schemaVersion\":2,\"manifests\":[],\"config\":%s,\"layers\":[]}"
                        .formatted(CONFIG),
                "layers beside it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|no object",
                "{|no JSON",
                "{} {}|no JSON",
                "{}|field mediaType",
                "{\"a\":1,\"a\":2}|field mediaType",
                "{\"schemaVersion\":2,\"config\":{},\"layers\":[]}|field digest: found nothing",
                "{\"schemaVersion\":2,\"config\":7,\"layers\":[]}|field config: found no object",
                "{\"schemaVersion\":1,\"fsLayers\":[]}|schema 1",
            })
    void whatIsNoManifestIsRefusedByItsField(String text, String said) {
        assertRefused("", text, said);
    }

    /** Other runtimes take the last of equal names; so an image that they run is run. */
    @Test
    void theLastOfEqualNamesIsTaken() {
        String text = manifest(CONFIG, LAYER);
        String twice = "{\"layers\":7," + text.substring(1);
        assertThat(read("", twice)).isEqualTo(read("", text));
    }

    /** A redirect may have led to a host whose words are nobody's to read here. */
    @Test
    void noWordOfWhatIsNoJsonIsTold() {
        assertThatThrownBy(() -> read("", "secret-token-abc {"))
                .hasMessageContaining("no JSON: found an error in line 1")
                .message()
                .doesNotContain("secret");
    }

    /** The tree of such a document once took 120 MB before anything was refused. */
    @Test
    void aManifestOfCountlessValuesIsRefused() {
        String bomb = "{\"schemaVersion\":2,\"x\":[" + "{},".repeat(1_390_000) + "{}]}";
        assertRefused("", bomb, "found more than 40000 members of one object or list");
        String spread = "[" + "{},".repeat(30_000) + "{}],";
        assertRefused(
                "",
                "{\"schemaVersion\":2,\"x\":[" + spread.repeat(4) + "1]}",
                "found more than 80000 values");
    }

    @Test
    void sizesAndNumbersAreLimited() {
        assertRefused("", manifest(CONFIG.replace(":9", ":-1"), LAYER), "no number from 0 up");
        assertRefused("", manifest(CONFIG.replace(":9", ":9.5"), LAYER), "no number from 0 up");
        assertRefused("", manifest(CONFIG.replace(":9", ":8388609"), LAYER), "at most 8388608");
        assertRefused(
                "", manifest(CONFIG, LAYER.replace(":9", ":9223372036854775807")), "field size");
        String many = IntStream.range(0, 513).mapToObj(_ -> LAYER).collect(Collectors.joining(","));
        assertRefused("", manifest(CONFIG, many), "513 layers, wanted at most 512");
    }

    @Test
    void foreignLayersAndConfigurationsAreRefusedByType() {
        assertRefused(
                "",
                manifest(CONFIG.replace("oci.image.config.v1+json", "example+json"), LAYER),
                "vnd.example+json");
        assertRefused(
                "",
                manifest(CONFIG, LAYER.replace("tar+gzip", "tar+gzip+encrypted")),
                "tar+gzip+encrypted");
    }

    @Test
    void otherDigestAlgorithmsAreRefusedByName() {
        assertRefused(
                "", manifest(CONFIG.replace(DIGEST, "sha512:" + "ab".repeat(64)), LAYER), "sha512");
    }

    @Test
    void firstEntryForThePlatformIsChosen() {
        Descriptor arm = entry("linux/arm64/v8", 1);
        Descriptor first = entry("linux/amd64", 2);
        Descriptor second = entry("linux/amd64", 3);
        Descriptor unsaid = entry("", 4);
        assertThat(reader.choose(new Manifest.Index(List.of(arm, first, second)), "linux/amd64"))
                .isEqualTo(first);
        assertThat(reader.choose(new Manifest.Index(List.of(unsaid, first)), "linux/amd64"))
                .isEqualTo(first);
        assertThat(reader.choose(new Manifest.Index(List.of(arm, unsaid)), "linux/amd64"))
                .isEqualTo(unsaid);
        assertThatThrownBy(() -> reader.choose(new Manifest.Index(List.of(arm)), "linux/amd64"))
                .isInstanceOf(ImageException.NoMatchingPlatform.class)
                .hasMessageContaining("linux/arm64/v8");
    }

    private static Descriptor entry(String platform, long size) {
        return new Descriptor(
                MediaTypes.OCI_MANIFEST, Digest.parse(DIGEST), size, platform, Map.of());
    }

    @Test
    void damagedManifestsNeverFailOtherwise() {
        long seed = 42;
        var random = new Random(seed);
        byte[] whole = manifest(CONFIG, LAYER).getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
            for (int i = random.nextInt(4); i > 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(reader.read("", damaged)).isNotNull();
            } catch (ImageException.InvalidManifest refused) {
                assertThat(refused).as("seed %d", seed).hasMessageStartingWith("image x: manifest");
            }
        }
    }

    @Test
    void chainIdsAreThoseOfTheSpecification() {
        var sample =
                new SampleImage()
                        .plain(SampleImage.tar(Map.of("a", "1")))
                        .plain(SampleImage.tar(Map.of("b", "2")));
        var config = ConfigDocument.read("image x", sample.config(), 2, "linux/amd64");
        Digest first = Digest.sha256(sample.tars().get(0));
        Digest second = Digest.sha256(sample.tars().get(1));
        assertThat(config.chainIds().get(0).value()).isEqualTo(first.toString());
        assertThat(config.chainIds().get(1).value())
                .isEqualTo(Digest.sha256(SampleImage.utf8(first + " " + second)).toString());
        assertThat(config.config().env()).containsExactly("A=b");
        assertThat(config.config().volumes()).containsExactly("/v");
        assertThat(config.config().exposedPorts()).containsExactly("80/tcp");
    }

    @Test
    void configurationWithOtherLayersThanTheManifestIsRefused() {
        var sample = new SampleImage().plain(SampleImage.tar(Map.of("a", "1")));
        assertThatThrownBy(() -> ConfigDocument.read("image x", sample.config(), 2, "linux/amd64"))
                .isInstanceOf(ImageException.InvalidManifest.class)
                .hasMessageContaining("found 1 digests, wanted 2");
    }

    @Test
    void configurationTooLargeForARecordIsRefused() {
        var sample =
                new SampleImage()
                        .plain(SampleImage.tar(Map.of("a", "1")))
                        .marked("x".repeat(1 << 20));
        assertThatThrownBy(() -> ConfigDocument.read("image x", sample.config(), 1, "linux/amd64"))
                .isInstanceOf(ImageException.InvalidManifest.class)
                .hasMessageContaining("field config");
    }
}
