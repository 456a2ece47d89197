package io.berth.shimclient.shim;

import java.time.Instant;

/**
 * What a shim said when it forgot a process.
 *
 * @param pid 0 if it never ran
 * @param status exit code, or 128 + signal; meaningless if it never ran
 */
public record DeletedTask(int pid, int status, Instant at) {}
