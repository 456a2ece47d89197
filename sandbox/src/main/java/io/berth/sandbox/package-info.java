/**
 * The errors of this module, which every package in it throws and the CRI endpoint maps once.
 *
 * <p>Imported by every package of this module and by daemon.cri; imports none of them.
 */
@NullMarked
package io.berth.sandbox;

import org.jspecify.annotations.NullMarked;
