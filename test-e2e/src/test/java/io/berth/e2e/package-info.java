/**
 * The end-to-end tests: a real daemon, registry, CNI plugins, shims and runtimes, driven through
 * the CRI socket alone.
 *
 * <p>{@link io.berth.e2e.NodeTest} gives a class its node and checks, after each test, that the
 * host is as it was. Nothing of berth but the CRI's messages is on the class path. Imported by
 * nobody.
 */
@NullMarked
package io.berth.e2e;

import org.jspecify.annotations.NullMarked;
