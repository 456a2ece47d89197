package io.berth.linux.foreign;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each limit holds while a document is read, and what keeps to all of them reads as elsewhere. */
final class ForeignJsonTest {
    private static final JsonLimits LIMITS = new JsonLimits(1 << 20, 8, 20, 40, 100);
    private static final ForeignJson JSON = ForeignJson.within(LIMITS);
    private static final long SEED = 20261130;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "null",
                "\"text\"",
                "1.5e3",
                "[1, 2147483648, 18446744073709551616, -7, true, false, null, \"ü\\u0000\"]",
                "{\"a\": {\"b\": [{}, {\"c\": \"d\"}]}, \"e\": -0.0}",
                "  {\"a\": 1} \n"
            })
    void readsAsTheMapperDoes(String text) throws Exception {
        assertThat(JSON.tree(text.getBytes(UTF_8))).isEqualTo(new JsonMapper().readTree(text));
    }

    @Test
    void theLastOfEqualNamesWins() throws Exception {
        assertThat(JSON.tree(bytes("{'a': 1, 'b': 2, 'a': {'c': 3}}")).toString())
                .isEqualTo("{\"a\":{\"c\":3},\"b\":2}");
    }

    @Test
    void equalNamesAreRefusedOnDemand() {
        refuses(JSON.refusingDuplicates(), "{'a': 1, 'a': 1}", "found 'a' twice in one object");
    }

    @Test
    void nothingMayFollowUnlessItIsAllowed() throws Exception {
        refuses(JSON, "{} {}", "found more after the end of the document, wanted nothing");
        refuses(JSON, "{} x", "Unrecognized token 'x'");
        assertThat(JSON.allowingMore().tree(bytes("{'a': 1}\n{'b"))).hasSize(1);
    }

    @Test
    void nothingIsAMissingNode() throws Exception {
        assertThat(JSON.tree(new byte[0]).isMissingNode()).isTrue();
        assertThat(JSON.tree(bytes(" \n")).isMissingNode()).isTrue();
    }

    @Test
    void anObjectIsWanted() {
        assertThatThrownBy(() -> JSON.object(bytes("[]")))
                .isInstanceOf(MalformedJson.class)
                .hasMessage("found an array, wanted a JSON object");
        assertThatThrownBy(() -> JSON.object(bytes("")))
                .hasMessage("found nothing, wanted a JSON object");
    }

    @Test
    void eachLimitIsNamed() {
        refuses(JSON, "[".repeat(9) + "]".repeat(9), "found more than 8 levels");
        refuses(JSON, "{'a':".repeat(9) + "1" + "}".repeat(9), "found more than 8 levels");
        refuses(JSON, list(21), "found more than 20 members");
        refuses(JSON, "[" + list(19) + "," + list(19) + "]", "found more than 40 values");
        refuses(JSON, "'" + "a".repeat(101) + "'", "found a text of over 100 characters");
        refuses(JSON, "{'" + "a".repeat(101) + "': 1}", "found a text of over 100 characters");
        refuses(JSON, "1".repeat(200), "found a text of over 100 characters or a number of over");
        refuses(ForeignJson.within(LIMITS.withBytes(3)), "null", "found 4 bytes, wanted at most 3");
    }

    @Test
    void theLineOfAProblemIsTold() {
        assertThatThrownBy(() -> JSON.tree(bytes("{\n'a': 1,\n}")))
                .isInstanceOfSatisfying(
                        MalformedJson.class, problem -> assertThat(problem.line()).isEqualTo(3));
    }

    /** The document of 1.4 million empty objects, which once took 120 MB before it was refused. */
    @Test
    void aBombIsRefusedBeforeItIsBuilt() {
        var taken = new AtomicLong();
        var bomb = ("{'x':[" + "{},".repeat(1_390_000) + "{}]}").replace('\'', '"');
        var reader = ForeignJson.within(JsonLimits.DOCUMENT);
        assertThatThrownBy(() -> reader.tree(bomb.getBytes(UTF_8), taken::addAndGet))
                .hasMessageContaining("wanted at most that many");
        assertThat(taken.get()).isLessThan(20 << 20);
    }

    @Test
    void aMemoryThatIsEmptyEndsTheReading() {
        var most = new AtomicLong();
        assertThatThrownBy(
                        () ->
                                ForeignJson.within(JsonLimits.DOCUMENT)
                                        .tree(
                                                list(90_000).getBytes(UTF_8),
                                                bytes -> {
                                                    if (most.addAndGet(bytes) > 100_000) {
                                                        throw new IllegalStateException("empty");
                                                    }
                                                }))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Of any document the tree is told before it is built, at no less than it takes. */
    @Test
    void whatIsToldGrowsWithTheTree() throws Exception {
        var taken = new AtomicLong();
        var reader = ForeignJson.within(JsonLimits.DOCUMENT);
        var _ = reader.tree(("\"" + "ж".repeat(100_000) + "\"").getBytes(UTF_8), taken::addAndGet);
        assertThat(taken.get()).isGreaterThanOrEqualTo(200_000);
        taken.set(0);
        var _ = reader.tree(list(50_000).getBytes(UTF_8), taken::addAndGet);
        assertThat(taken.get()).isGreaterThanOrEqualTo(50_000 * 8);
    }

    /** Random damage to documents: the mapper's tree, or a refusal, and nothing else. */
    @Test
    void damagedDocumentsAreReadAsByTheMapperOrRefused() {
        var random = new Random(SEED);
        var mapper = new JsonMapper();
        var seeds =
                new String[] {
                    "{\"schemaVersion\":2,\"layers\":[{\"size\":1,\"digest\":\"sha256:0\"},{}]}",
                    "[1,-2.5e10,\"\\u00fc\\n\",null,true,{\"a\":[[[]]]}]",
                    "{\"a\":\"b\",\"a\":{\"c\":[1,2,3]},\"d\":123456789012345678901234567890}"
                };
        for (int round = 0; round < 20_000; round++) {
            var bytes = seeds[random.nextInt(seeds.length)].getBytes(UTF_8);
            for (int hits = random.nextInt(4); hits >= 0; hits--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            JsonNode read;
            try {
                read = JSON.tree(bytes);
            } catch (MalformedJson refused) {
                assertThat(refused.found()).isNotBlank();
                continue;
            }
            try {
                assertThat(read)
                        .as("seed %d round %d", SEED, round)
                        .isEqualTo(mapper.readTree(bytes));
            } catch (JsonProcessingException stricter) {
                throw new AssertionError("seed %d round %d".formatted(SEED, round), stricter);
            } catch (java.io.IOException encoding) {
                throw new AssertionError("seed %d round %d".formatted(SEED, round), encoding);
            }
        }
    }

    private static String list(int elements) {
        return "[" + "{},".repeat(elements - 1) + "{}]";
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(UTF_8);
    }

    private static void refuses(ForeignJson reader, String text, String found) {
        assertThatThrownBy(() -> reader.tree(bytes(text)))
                .isInstanceOf(MalformedJson.class)
                .hasMessageContaining(found);
    }

    @Test
    void aLargeTreeIsChargedToItsRequestAndEndsThatAlone() throws MalformedJson {
        var memory = new MemoryBudget(100 << 20, Duration.ofMillis(1));
        var bytes = ("[" + "{},".repeat(90_000) + "{}]").getBytes(UTF_8);
        var reader = ForeignJson.within(JsonLimits.DOCUMENT);
        var scope = new ForeignScope(memory.take(ForeignKind.REQUESTS, 1));
        var size =
                ScopedValue.where(ForeignScope.CURRENT, scope)
                        .call(() -> reader.tree(bytes).size());
        assertThat(size).isEqualTo(90_001);
        assertThat(memory.held(ForeignKind.REQUESTS)).isGreaterThan(5 << 20);
        scope.leave();
        assertThat(memory.held(ForeignKind.REQUESTS)).isZero();
        var small =
                new ForeignScope(
                        new MemoryBudget(8 << 20, Duration.ZERO).take(ForeignKind.REQUESTS, 1));
        assertThatThrownBy(
                        () ->
                                ScopedValue.where(ForeignScope.CURRENT, small)
                                        .call(() -> reader.tree(bytes)))
                .isInstanceOf(MemoryExhausted.class);
        assertThat(reader.tree(bytes).size()).as("without a request").isEqualTo(90_001);
    }
}
