/**
 * Makes records of pods and containers that run and that no record tells of any more, from what is
 * left of them on the host: the OCI configs in their bundles, the pids that shims and runtimes keep
 * there, and their addresses.
 *
 * <p>{@link io.berth.sandbox.salvage.TaskSalvage} is all of it. Invariant: nothing is ended or
 * removed, no record that is there is changed, and each thing of a pod that its remover would need
 * stands in the ledger with its record. Imported by daemon.
 */
@NullMarked
package io.berth.sandbox.salvage;

import org.jspecify.annotations.NullMarked;
