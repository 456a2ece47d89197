package io.berth.storage.metadata;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One step of a family's history: from {@link #from} to the version after it. All records of the
 * family are taken through their steps when the family is first opened, some megabytes at a time; a
 * crash between leaves some records of each version, and the next start goes on.
 */
public interface Migration {
    /** The version whose records this step reads. */
    int from();

    /** The body that version {@code from() + 1} has for this record; may change and return body. */
    ObjectNode migrate(String key, ObjectNode body);

    /**
     * As the other, for a step that moves a part of the record to another family.
     *
     * @param also becomes durable in the same moment as the record
     */
    default ObjectNode migrate(String key, ObjectNode body, Batch also) {
        return migrate(key, body);
    }
}
