package io.berth.daemon.cri;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How a list is cut into portions. */
final class StreamedListTest {
    @Test
    void anEmptyListHasNoPortion() throws Exception {
        assertThat(portions(Stream.<Int32Value>empty())).isEmpty();
    }

    @Test
    void everyItemIsInExactlyOnePortionAndNoneIsTooLong() throws Exception {
        int count = 3 * StreamedList.MAX_ITEMS + 1;
        var portions = portions(IntStream.range(0, count).mapToObj(Int32Value::of));
        assertThat(portions).hasSize(4);
        assertThat(portions.stream().flatMap(List::stream).map(Int32Value::getValue))
                .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
        assertThat(portions)
                .allSatisfy(p -> assertThat(p).hasSizeBetween(1, StreamedList.MAX_ITEMS));
    }

    @Test
    void largeItemsEndAPortionAndOneThatIsTooLargeGoesAlone() throws Exception {
        var half = bytes(StreamedList.MAX_BYTES / 2 + 1);
        var huge = bytes(StreamedList.MAX_BYTES + 1);
        assertThat(portions(Stream.of(bytes(1), half, half, huge, bytes(1), bytes(2))))
                .extracting(List::size)
                .containsExactly(2, 1, 1, 2);
    }

    private static BytesValue bytes(int size) {
        return BytesValue.of(ByteString.copyFrom(new byte[size]));
    }

    private static <I extends Message> List<List<I>> portions(Stream<I> items) throws Exception {
        var portions = new ArrayList<List<I>>();
        StreamedList.portions(items.iterator(), Message::getSerializedSize, portions::add);
        return portions;
    }
}
