/** Tests of what plugins owe. */
@NullMarked
package io.berth.cni.owed;

import org.jspecify.annotations.NullMarked;
