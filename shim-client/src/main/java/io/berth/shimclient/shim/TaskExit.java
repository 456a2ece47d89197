package io.berth.shimclient.shim;

import java.time.Instant;

/**
 * How a process ended.
 *
 * @param status exit code, or 128 + signal
 */
public record TaskExit(int status, Instant at) {}
