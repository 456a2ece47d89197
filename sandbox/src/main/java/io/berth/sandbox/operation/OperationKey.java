package io.berth.sandbox.operation;

/**
 * What tells two operations apart: the RPC and the object that it is about.
 *
 * @param verb the RPC's name
 * @param subject the object's name or id
 */
record OperationKey(String verb, String subject) {
    @Override
    public String toString() {
        return verb + " " + subject;
    }
}
