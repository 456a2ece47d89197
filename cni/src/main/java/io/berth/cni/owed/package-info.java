/**
 * Which plugins of an attachment owe a DEL although it fails.
 *
 * <p>{@link io.berth.cni.owed.FailedAdd} is the record of a chain's ADD that a plugin answered with
 * an error. Invariant: a plugin whose ADD has succeeded, or may have, owes its DEL whatever it
 * answers; one whose ADD failed by its own answer owes it no longer once its configuration is known
 * to be invalid. Imported by cni only; imports nothing of ours.
 */
@NullMarked
package io.berth.cni.owed;

import org.jspecify.annotations.NullMarked;
