/**
 * Measured figures of a node.
 *
 * <p>{@link io.berth.e2e.figures.Figures} prints them; what is measured is the distribution as it
 * is installed. Imported by nobody.
 */
@NullMarked
package io.berth.e2e.figures;

import org.jspecify.annotations.NullMarked;
