/**
 * The node under test: its folders, configuration, daemon process and network.
 *
 * <p>{@link io.berth.e2e.node.BerthUnderTest} is the daemon as a process; {@link
 * io.berth.e2e.node.TestNode} adds the registry, the image and a client. Everything lies in one
 * private folder below /tmp and bears one mark, by which {@code test-e2e/clean} finds it. May be
 * imported by every package of the end-to-end tests.
 */
@NullMarked
package io.berth.e2e.node;

import org.jspecify.annotations.NullMarked;
