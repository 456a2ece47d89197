package io.berth.sandbox.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * Entries of a list that are sent as the bytes that they are kept as. On the wire a message with
 * them is the message that the protocol describes; in memory nothing is parsed, whatever labels and
 * annotations there are.
 */
public final class Entries {
    private Entries() {}

    /**
     * The same entries as fields of other numbers, such as labels of a list's element as labels of
     * its figures. Each number is 1 to 15.
     *
     * @param labels the number of labels in {@code listed}
     * @param annotations the number of annotations in {@code listed}
     */
    public static ByteString renumbered(
            ByteString listed, int labels, int toLabels, int annotations, int toAnnotations) {
        var out = ByteString.newOutput(listed.size() + 1);
        try {
            var in = listed.newCodedInput();
            var to = CodedOutputStream.newInstance(out);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                int number = WireFormat.getTagFieldNumber(tag);
                if (number == labels) {
                    to.writeBytes(toLabels, in.readBytes());
                } else if (number == annotations) {
                    to.writeBytes(toAnnotations, in.readBytes());
                } else {
                    in.skipField(tag);
                }
            }
            to.flush();
        } catch (IOException broken) {
            throw new IllegalStateException(
                    "labels and annotations: found bytes that do not parse: " + broken.getMessage(),
                    broken);
        }
        return out.toByteString();
    }

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
