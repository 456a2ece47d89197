package io.berth.shimclient.shim;

import com.google.protobuf.ByteString;

/**
 * A further process in a container.
 *
 * @param processJson the OCI runtime spec's {@code process} object
 */
public record ExecRequest(ByteString processJson, TaskIo io) {}
