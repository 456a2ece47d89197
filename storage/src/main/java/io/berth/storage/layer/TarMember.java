package io.berth.storage.layer;

import java.time.Instant;
import java.util.Map;

/**
 * One member of a tar, its extended headers applied; nothing in it has been checked against the
 * layer it will lie in.
 *
 * @param name the path as written, a trailing slash included
 * @param mode permission bits with set-user-id, set-group-id and sticky
 * @param uid owner, 0 to 2^32-2
 * @param gid group, 0 to 2^32-2
 * @param linkName what a symlink says, or the path of the member that a hard link joins; else empty
 * @param xattrs extended attributes by full name, values as stored
 * @param content what a file holds; for all else empty
 */
record TarMember(
        String name,
        Type type,
        int mode,
        long uid,
        long gid,
        Instant modified,
        String linkName,
        long deviceMajor,
        long deviceMinor,
        Map<String, byte[]> xattrs,
        SparseMap content) {

    /** What kind of file a member makes. */
    enum Type {
        FILE,
        DIRECTORY,
        SYMLINK,
        HARD_LINK,
        CHARACTER_DEVICE,
        BLOCK_DEVICE,
        FIFO
    }
}
