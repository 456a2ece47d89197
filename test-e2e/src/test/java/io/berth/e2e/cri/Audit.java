package io.berth.e2e.cri;

import com.google.protobuf.UnknownFieldSet;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Asks the daemon to compare its ledger with the host. The answer is read as plain fields: each is
 * a finding, and a host that agrees with the ledger answers with none.
 */
public final class Audit {
    /** The finding of a daemon that has no audit. */
    public static final String NONE = "audit: the daemon has none";

    private static final long DEADLINE_SECONDS = 60;

    private static final MethodDescriptor<byte[], byte[]> METHOD =
            MethodDescriptor.<byte[], byte[]>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("berth.admin.v1.Admin/Audit")
                    .setRequestMarshaller(new Bytes())
                    .setResponseMarshaller(new Bytes())
                    .build();

    private Audit() {}

    /** Every finding as text; one line that says so if the daemon has no audit. */
    public static List<String> findings(CriClient client) throws IOException {
        byte[] answer;
        try {
            var options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
            answer = ClientCalls.blockingUnaryCall(client.channel(), METHOD, options, new byte[0]);
        } catch (StatusRuntimeException failed) {
            if (failed.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return List.of(NONE);
            }
            throw failed;
        }
        return UnknownFieldSet.parseFrom(answer).asMap().values().stream()
                .flatMap(field -> field.getLengthDelimitedList().stream())
                .map(Audit::line)
                .toList();
    }

    private static String line(com.google.protobuf.ByteString finding) {
        try {
            return "audit "
                    + UnknownFieldSet.parseFrom(finding).toString().replace('\n', ' ').strip();
        } catch (IOException noMessage) {
            return "audit " + finding.toStringUtf8();
        }
    }

    /** Bytes as they are. */
    private static final class Bytes implements Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
