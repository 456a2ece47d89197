package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Blob;
import io.berth.storage.content.ContentStore;
import io.berth.storage.content.Digest;
import io.berth.storage.content.Ingest;
import io.berth.storage.layer.HostileLayer;
import io.berth.storage.layer.LayerStreams;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads an image archive once, front to back, into the content store. Members under {@code
 * blobs/sha256} must have the digest that their name says. Nothing is written to any path of the
 * archive's choosing.
 */
final class ArchiveReader {

    /** No document of an archive may be larger, in bytes. */
    static final int MAX_DOCUMENT_BYTES = 4 << 20;

    private static final int MAX_HEADER_BYTES = 1 << 20;
    private static final int BUFFER_BYTES = 256 << 10;
    private static final Set<String> DOCUMENTS =
            Set.of("oci-layout", "index.json", "manifest.json");
    private static final Set<String> UNUSED = Set.of("VERSION", "json", "repositories");
    private static final Pattern BLOB = Pattern.compile("blobs/(sha256)/([a-f0-9]{64})");

    private final ContentStore content;
    private final PullSettings settings;
    private final Cancellation cancellation;
    private final String load = "load/" + UUID.randomUUID() + "/";
    private final ArchiveMembers members = new ArchiveMembers();
    private long totalBytes;
    private int count;

    ArchiveReader(ContentStore content, PullSettings settings, Cancellation cancellation) {
        this.content = content;
        this.settings = settings;
        this.cancellation = cancellation;
    }

    /** The archive's members, once all of it has been read. */
    ArchiveMembers read(InputStream archive) {
        try {
            var headers = new HeaderBudget(uncompressed(archive));
            var tar = new TarArchiveInputStream(headers, StandardCharsets.UTF_8.name());
            while (true) {
                headers.begin();
                TarArchiveEntry entry = tar.getNextEntry();
                headers.end();
                if (entry == null) {
                    return members;
                }
                cancellation.check("archive");
                member(tar, entry);
            }
        } catch (HostileLayer | IOException | IllegalArgumentException damaged) {
            if (Failures.of("archive", asFailure(damaged)) instanceof ImageException.NoSpace full) {
                throw full;
            }
            throw new ImageException.InvalidArchive(
                    "archive: is no readable tar: " + damaged.getMessage(), damaged);
        } catch (RuntimeException failed) {
            throw Failures.of("archive", failed);
        }
    }

    private static Throwable asFailure(Exception damaged) {
        return damaged instanceof IllegalArgumentException ? new IOException(damaged) : damaged;
    }

    /** Archives may come as gzip or zstd. */
    private InputStream uncompressed(InputStream archive) throws IOException {
        var peeked = new BufferedInputStream(archive, BUFFER_BYTES);
        peeked.mark(4);
        byte[] magic = peeked.readNBytes(4);
        peeked.reset();
        boolean gzip = magic.length > 1 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
        boolean zstd = magic.length == 4 && ByteBuffer.wrap(magic).getInt() == 0x28b52ffd;
        return gzip || zstd ? LayerStreams.open(peeked, "", settings.layerLimits()) : peeked;
    }

    private void member(TarArchiveInputStream tar, TarArchiveEntry entry) throws IOException {
        String name = ArchiveMembers.normalised(entry.getName());
        if (++count > settings.maxArchiveMembers()) {
            throw ArchiveMembers.invalid(
                    name, "found more than " + settings.maxArchiveMembers() + " members");
        }
        if (entry.isDirectory()) {
            return;
        }
        if (entry.isSymbolicLink() || entry.isLink()) {
            members.link(
                    name,
                    ArchiveMembers.linkTarget(name, entry.getLinkName(), entry.isSymbolicLink()));
            return;
        }
        boolean special = entry.isBlockDevice() || entry.isCharacterDevice() || entry.isFIFO();
        if (special || !entry.isFile() || entry.isSparse()) {
            throw ArchiveMembers.invalid(name, "found a special file, wanted files and links");
        }
        long size = entry.getSize();
        totalBytes += size;
        if (size < 0
                || size > ContentStore.MAX_BLOB_BYTES
                || totalBytes > settings.maxArchiveBytes()) {
            throw ArchiveMembers.invalid(
                    name,
                    "found %d bytes, %d with those before; wanted at most %d in all"
                            .formatted(size, totalBytes, settings.maxArchiveBytes()));
        }
        file(tar, name, size);
    }

    private void file(InputStream tar, String name, long size) throws IOException {
        if (DOCUMENTS.contains(name)) {
            if (size > MAX_DOCUMENT_BYTES) {
                throw ArchiveMembers.invalid(
                        name,
                        "found %d bytes, wanted at most %d".formatted(size, MAX_DOCUMENT_BYTES));
            }
            members.document(name, whole(name, size, tar.readNBytes((int) size)));
        } else if (UNUSED.contains(name.substring(name.lastIndexOf('/') + 1))) {
            tar.skipNBytes(size);
        } else {
            members.blob(name, ingest(tar, name, size));
        }
    }

    private static byte[] whole(String name, long size, byte[] bytes) {
        if (bytes.length != size) {
            throw ArchiveMembers.invalid(
                    name, "ends after %d of %d bytes".formatted(bytes.length, size));
        }
        return bytes;
    }

    private Blob ingest(InputStream tar, String name, long size) throws IOException {
        Ingest ingest = content.ingest(load + name, OptionalLong.of(size), expected(name));
        try {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = tar.read(buffer); read >= 0; read = tar.read(buffer)) {
                ingest.write(ByteBuffer.wrap(buffer, 0, read));
                cancellation.check("archive");
            }
            if (ingest.offset() != size) {
                throw ArchiveMembers.invalid(
                        name, "ends after %d of %d bytes".formatted(ingest.offset(), size));
            }
            return ingest.commit();
        } finally {
            ingest.abandon();
        }
    }

    private static Optional<Digest> expected(String name) {
        Matcher matcher = BLOB.matcher(name);
        if (matcher.matches()) {
            return Optional.of(new Digest(matcher.group(1), matcher.group(2)));
        }
        if (name.startsWith("blobs/")) {
            throw ArchiveMembers.invalid(name, "found a blob whose name is no sha256 digest");
        }
        return Optional.empty();
    }

    /**
     * Bounds what is read for one header: extended headers are held in memory by the tar reader.
     */
    private static final class HeaderBudget extends FilterInputStream {
        private int left = Integer.MAX_VALUE;
        private boolean metered;

        HeaderBudget(InputStream in) {
            super(in);
        }

        void begin() {
            metered = true;
            left = MAX_HEADER_BYTES;
        }

        void end() {
            metered = false;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte @Nullable [] into, int offset, int length) throws IOException {
            int count = super.read(into, offset, length);
            spend(count);
            return count;
        }

        @Override
        public long skip(long wanted) throws IOException {
            long count = super.skip(wanted);
            spend((int) Math.min(count, Integer.MAX_VALUE));
            return count;
        }

        private void spend(int count) throws IOException {
            if (metered && count > 0) {
                left -= count;
                if (left < 0) {
                    throw new IOException("a header of more than " + MAX_HEADER_BYTES + " bytes");
                }
            }
        }
    }
}
