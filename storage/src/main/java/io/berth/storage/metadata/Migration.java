package io.berth.storage.metadata;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One step of a family's history: from {@link #from} to the version after it. All records of the
 * family are taken through their steps in one batch when the family is first opened.
 */
public interface Migration {
    /** The version whose records this step reads. */
    int from();

    /** The body that version {@code from() + 1} has for this record; may change and return body. */
    ObjectNode migrate(String key, ObjectNode body);
}
