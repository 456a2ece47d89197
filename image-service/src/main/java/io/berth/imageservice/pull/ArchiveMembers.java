package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Blob;
import io.berth.storage.content.ContentStore;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What stands in an image archive, by normalised name: small documents in memory, everything else
 * already in the content store, and links among them.
 */
final class ArchiveMembers {

    private static final int MAX_LINKS = 8;
    private static final int MAX_NAME = 4096;

    private final Map<String, byte[]> documents = new HashMap<>();
    private final Map<String, Blob> blobs = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    /**
     * The name without {@code ./} and trailing slashes; empty for the archive's root.
     *
     * @throws ImageException.InvalidArchive for a name that is absolute or climbs
     */
    static String normalised(String name) {
        if (name.startsWith("/") || name.length() > MAX_NAME || name.indexOf('\0') >= 0) {
            throw invalid(name, "found an absolute or overlong name, wanted a relative one");
        }
        var parts = new StringBuilder();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                throw invalid(name, "found a name that climbs with .., wanted one that does not");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.append(parts.isEmpty() ? "" : "/").append(part);
            }
        }
        return parts.toString();
    }

    /** Where a link in {@code from} leads; it may climb, but not out of the archive. */
    static String linkTarget(String from, String target, boolean symbolic) {
        if (target.startsWith("/")) {
            throw invalid(from, "found a link to an absolute name");
        }
        int slash = from.lastIndexOf('/');
        String path = symbolic && slash >= 0 ? from.substring(0, slash) + "/" + target : target;
        var parts = new ArrayDeque<String>();
        for (String part : path.split("/", -1)) {
            if (part.equals("..") && parts.pollLast() == null) {
                throw invalid(from, "found a link that leads out of the archive");
            }
            if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    void document(String name, byte[] bytes) {
        claim(name);
        documents.put(name, bytes.clone());
    }

    void blob(String name, Blob blob) {
        claim(name);
        blobs.put(name, blob);
    }

    void link(String name, String target) {
        claim(name);
        links.put(name, target);
    }

    private void claim(String name) {
        if (documents.containsKey(name) || blobs.containsKey(name) || links.containsKey(name)) {
            throw invalid(name, "found it twice, wanted each member once");
        }
    }

    Optional<byte[]> document(String name) {
        return Optional.ofNullable(documents.get(name)).map(byte[]::clone);
    }

    /** The blob that a member's name leads to. */
    Blob blob(String name) {
        String at = normalised(name);
        for (int hops = 0; hops < MAX_LINKS; hops++) {
            Blob blob = blobs.get(at);
            if (blob != null) {
                return blob;
            }
            String next = links.get(at);
            if (next == null) {
                throw invalid(name, "is missing, though the archive's manifest names it");
            }
            at = next;
        }
        throw invalid(name, "found more than " + MAX_LINKS + " links in a row");
    }

    /** The bytes of a member that is small. */
    byte[] small(ContentStore content, String name, int maxBytes) {
        Blob blob = blob(name);
        if (blob.sizeBytes() > maxBytes) {
            throw invalid(
                    name,
                    "found %d bytes, wanted at most %d".formatted(blob.sizeBytes(), maxBytes));
        }
        return content.readAll(blob.digest(), maxBytes);
    }

    static ImageException.InvalidArchive invalid(String member, String what) {
        String shown = member.length() > 200 ? member.substring(0, 200) + "…" : member;
        return new ImageException.InvalidArchive(
                "archive: member " + shown.replaceAll("\\p{Cntrl}", ".") + ": " + what, null);
    }
}
