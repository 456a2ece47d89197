package io.berth.imageservice.pull;

import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullProgress.Stage;
import io.berth.imageservice.registry.AskHosts;
import io.berth.imageservice.registry.AttemptFailed;
import io.berth.imageservice.registry.FetchBlob;
import io.berth.imageservice.registry.RegistryHost.Capability;
import io.berth.imageservice.registry.RegistrySession;
import io.berth.storage.content.ContentException;
import io.berth.storage.content.ContentStore;
import io.berth.storage.content.Ingest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Brings one blob into the content store: goes on where an earlier attempt stopped, on the same
 * host or the next, and ends with bytes whose digest has been verified. While it runs it may feed a
 * pipe with the bytes as they come.
 *
 * <p>One thread; the caller sees to it that no other fetches the same blob.
 */
final class LayerDownload {

    private static final int BUFFER_BYTES = 256 << 10;

    private final ContentStore content;
    private final Descriptor blob;
    private final String subject;
    private final Cancellation cancellation;
    private final PullProgress progress;
    private @Nullable LayerPipe pipe;
    private long written;

    LayerDownload(
            ContentStore content,
            Descriptor blob,
            String image,
            Cancellation cancellation,
            PullProgress progress) {
        this.content = content;
        this.blob = blob;
        this.subject = image + ": blob " + blob.digest();
        this.cancellation = cancellation;
        this.progress = progress;
    }

    /** True when nothing of the blob is here yet, so that a pipe would get all of it. */
    static boolean isFresh(ContentStore content, Descriptor blob) {
        String ref = ref(blob);
        return content.ingests().stream()
                .noneMatch(pending -> pending.ref().equals(ref) && pending.offset() > 0);
    }

    private static String ref(Descriptor blob) {
        return "blob/" + blob.digest();
    }

    /**
     * Fetches the blob from the first host that gives it.
     *
     * @param into hears every byte once; fails when the bytes turn out to be wrong ones
     */
    void run(List<RegistrySession> sessions, @Nullable LayerPipe into) {
        pipe = into;
        try {
            boolean done =
                    new AskHosts(sessions, subject)
                            .first(Capability.PULL, this::attempt, () -> written);
            assert done;
        } catch (RuntimeException failed) {
            dropPipe("its download failed");
            throw Failures.of(subject, failed);
        }
    }

    private boolean attempt(RegistrySession session) throws AttemptFailed {
        cancellation.check(subject);
        try (Ingest ingest =
                content.ingest(
                        ref(blob), OptionalLong.of(blob.sizeBytes()), Optional.of(blob.digest()))) {
            written = ingest.offset();
            if (written < blob.sizeBytes() || blob.sizeBytes() == 0) {
                copy(session, ingest);
            }
            finish(session, ingest);
            return true;
        }
    }

    private void copy(RegistrySession session, Ingest ingest) throws AttemptFailed {
        InputStream body =
                new FetchBlob(session).open(blob.digest(), ingest.offset(), blob.sizeBytes());
        cancellation.register(body);
        try (body) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                if (ingest.offset() + count > blob.sizeBytes()) {
                    throw wrong(session, "sends more than " + blob.sizeBytes() + " bytes");
                }
                ingest.write(ByteBuffer.wrap(buffer, 0, count));
                if (pipe != null) {
                    pipe.write(buffer, count);
                }
                written = ingest.offset();
                progress.layer(blob.digest(), Stage.DOWNLOADING, written, blob.sizeBytes());
                cancellation.check(subject);
            }
        } catch (AttemptFailed known) {
            cancellation.check(subject);
            throw known;
        } catch (IOException broken) {
            cancellation.check(subject);
            throw new AttemptFailed(
                    session.host(),
                    AttemptFailed.Kind.TRANSIENT,
                    "connection broke: " + broken.getMessage(),
                    broken);
        } finally {
            cancellation.forget(body);
        }
    }

    private void finish(RegistrySession session, Ingest ingest) throws AttemptFailed {
        if (ingest.offset() < blob.sizeBytes()) {
            throw new AttemptFailed(
                    session.host(),
                    AttemptFailed.Kind.TRANSIENT,
                    "connection ended at byte %d of %d"
                            .formatted(ingest.offset(), blob.sizeBytes()),
                    null);
        }
        if (pipe != null) {
            pipe.complete();
        }
        try {
            ingest.commit();
        } catch (ContentException.DigestMismatch mismatch) {
            throw wrong(
                    session,
                    "sent bytes with digest %s, the manifest names %s"
                            .formatted(mismatch.found(), mismatch.wanted()));
        }
    }

    /** The bytes so far are not to be used: the next host begins anew, and without the pipe. */
    private AttemptFailed wrong(RegistrySession session, String found) {
        dropPipe("the host " + found);
        written = 0;
        return new AttemptFailed(
                session.host(),
                AttemptFailed.Kind.WRONG_DIGEST,
                "blob " + blob.digest() + ": " + found,
                null);
    }

    private void dropPipe(String why) {
        if (pipe != null) {
            pipe.fail(subject + ": " + why);
            pipe = null;
        }
    }

    /** True when the pipe that was given has heard exactly the verified bytes. */
    boolean pipeIsVerified() {
        return pipe != null;
    }
}
