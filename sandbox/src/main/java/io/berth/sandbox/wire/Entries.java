package io.berth.sandbox.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;

/**
 * Entries of a list that are sent as the bytes that they are kept as. On the wire a message with
 * them is the message that the protocol describes; in memory nothing is parsed, whatever labels and
 * annotations there are.
 */
public final class Entries {
    private Entries() {}

    /**
     * The entries as a message's fields.
     *
     * @param field number of the repeated field whose elements they are
     */
    public static UnknownFieldSet of(int field, Iterable<ByteString> entries) {
        var all = UnknownFieldSet.Field.newBuilder();
        entries.forEach(all::addLengthDelimited);
        return UnknownFieldSet.newBuilder().addField(field, all.build()).build();
    }
}
