/**
 * The Node Resource Interface: plugins of the node are told what happens to pods and containers,
 * and may change containers that are being made, are updated or exist.
 *
 * <p>Main types: {@link io.berth.sandbox.nri.Nri}, the one port through which operations speak to
 * plugins; {@link io.berth.sandbox.nri.NriPlugins}, which has them; {@link
 * io.berth.sandbox.nri.NoNri}, which has none.
 *
 * <p>Plugins are called one after the other, by rising index, one hook at a time. Each connects to
 * the socket, or is started from the plugin folder with its connection as descriptor 3:
 *
 * <pre>
 * plugin ──RegisterPlugin──▶ berth ──Configure, Synchronize──▶ plugin, then the hooks it asked for
 * </pre>
 *
 * <p>Invariant: a plugin that hangs, dies, or breaks the protocol is closed after its timeout and
 * then counts as absent; only what it refuses in plain words fails an operation.
 *
 * <p>Imported by .operation and .recovery, and by daemon.
 */
@NullMarked
package io.berth.sandbox.nri;

import org.jspecify.annotations.NullMarked;
