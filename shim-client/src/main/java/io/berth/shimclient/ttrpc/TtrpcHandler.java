package io.berth.shimclient.ttrpc;

import com.google.protobuf.MessageLite;
import java.util.Map;

/** Answers the calls of one method, on a virtual thread a call. */
@FunctionalInterface
public interface TtrpcHandler<Q extends MessageLite> {
    /**
     * The answer.
     *
     * @param metadata what the client sent beside the request, such as its namespace
     * @throws TtrpcException.Refused to answer with a status; anything else answers INTERNAL
     */
    MessageLite handle(Q request, Map<String, String> metadata);
}
