package io.berth.daemon.cri;

import io.berth.cni.CniException;
import io.berth.imageservice.image.ImageException;
import io.berth.linux.foreign.MemoryExhausted;
import io.berth.sandbox.SandboxException;
import io.berth.shimclient.shim.ShimException;
import io.berth.storage.metadata.MetadataException;
import io.berth.storage.snapshot.SnapshotException;
import io.berth.streaming.TooManyStreams;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.lang.System.Logger;
import java.util.UUID;

/** Turns failures into gRPC statuses, each once; the only class that names a gRPC code. */
public final class StatusMapper {
    private static final Logger LOG = System.getLogger(StatusMapper.class.getName());

    /** Clients take some kilobytes of headers, with which a status comes. */
    private static final int MOST_CHARS = 2000;

    private static final int TAIL_CHARS = 500;

    private StatusMapper() {}

    /** The status of a failure. One that nobody foresaw is logged with its stack and numbered. */
    public static StatusRuntimeException of(String method, Throwable failure) {
        return shortened(status(method, failure)).asRuntimeException();
    }

    /** A client that finds a status too long tells its caller nothing of it. */
    private static Status shortened(Status status) {
        var text = status.getDescription();
        if (text == null || text.length() <= MOST_CHARS) {
            return status;
        }
        int head = MOST_CHARS - TAIL_CHARS;
        return status.withDescription(
                "%s … (%d characters left out) … %s"
                        .formatted(
                                text.substring(0, head),
                                text.length() - MOST_CHARS,
                                text.substring(text.length() - TAIL_CHARS)));
    }

    /** The status of a stream that its client does not read. */
    static StatusRuntimeException unread(String method, String message) {
        return Status.DEADLINE_EXCEEDED
                .withDescription(method + ": " + message)
                .asRuntimeException();
    }

    /** The status of a call whose bytes do not fit into memory. */
    static Status exhausted(MemoryExhausted full) {
        return Status.RESOURCE_EXHAUSTED.withDescription(full.getMessage());
    }

    /** The status of a call whose request does not come while others are waiting. */
    static Status unfinished() {
        return Status.RESOURCE_EXHAUSTED.withDescription(
                "the request has not come entirely, and too many others have not either;"
                        + " send it again");
    }

    private static Status status(String method, Throwable failure) {
        var message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case SandboxException sandbox -> sandbox(sandbox, message);
            case ImageException image -> image(image, message);
            case ShimException.GivenUp _ -> Status.UNAVAILABLE.withDescription(message);
            case CniException _, ShimException _, SnapshotException _ ->
                    Status.UNKNOWN.withDescription(message);
            case TooManyStreams _, MemoryExhausted _ ->
                    Status.RESOURCE_EXHAUSTED.withDescription(message);
            case MetadataException.TooLarge _ -> Status.INVALID_ARGUMENT.withDescription(message);
            case MetadataException.NoSpace _ -> Status.RESOURCE_EXHAUSTED.withDescription(message);
            case MetadataException.Closed _ -> Status.UNAVAILABLE.withDescription(message);
            default -> unforeseen(method, failure);
        };
    }

    private static Status sandbox(SandboxException failure, String message) {
        return switch (failure) {
            case SandboxException.NotFound _ -> Status.NOT_FOUND.withDescription(message);
            case SandboxException.AlreadyExists _ -> Status.ALREADY_EXISTS.withDescription(message);
            case SandboxException.InvalidRequest _ ->
                    Status.INVALID_ARGUMENT.withDescription(message);
            case SandboxException.WrongState _ ->
                    Status.FAILED_PRECONDITION.withDescription(message);
            case SandboxException.StillRunning _, SandboxException.TimedOut _ ->
                    Status.DEADLINE_EXCEEDED.withDescription(message);
            case SandboxException.TooSlow _ -> Status.RESOURCE_EXHAUSTED.withDescription(message);
            // Something outside failed; the message says what. The kubelet retries Unknown.
            case SandboxException.Failed _ -> Status.UNKNOWN.withDescription(message);
        };
    }

    private static Status image(ImageException failure, String message) {
        return switch (failure) {
            case ImageException.NotFound _, ImageException.NoMatchingPlatform _ ->
                    Status.NOT_FOUND.withDescription(message);
            // The kubelet looks for this word at the beginning of an Unknown.
            case ImageException.RegistryUnavailable _ ->
                    Status.UNKNOWN.withDescription("RegistryUnavailable: " + message);
            case ImageException.Unauthorized _ -> Status.PERMISSION_DENIED.withDescription(message);
            case ImageException.DigestMismatch _, ImageException.HostileImage _ ->
                    Status.DATA_LOSS.withDescription(message);
            case ImageException.InvalidReference _,
                    ImageException.InvalidManifest _,
                    ImageException.InvalidArchive _ ->
                    Status.INVALID_ARGUMENT.withDescription(message);
            case ImageException.NoSpace _ -> Status.RESOURCE_EXHAUSTED.withDescription(message);
            case ImageException.StoreFailed _ -> Status.INTERNAL.withDescription(message);
            case ImageException.Interrupted _ -> Status.UNAVAILABLE.withDescription(message);
        };
    }

    private static Status unforeseen(String method, Throwable failure) {
        var number = UUID.randomUUID();
        LOG.log(Logger.Level.ERROR, "method=" + method + " request=" + number, failure);
        return Status.INTERNAL.withDescription(
                "%s (request %s; berth's log has the details)".formatted(failure, number));
    }
}
