/**
 * Pod networks through CNI plugin binaries (CNI specification 0.3.0 to 1.1.0).
 *
 * <p>{@link PodNetworks} is the façade: it loads network configurations, executes plugins and keeps
 * what each attachment was made with, so that it can be undone after the configuration changed. Its
 * records are {@link PodNetworkRequest}, {@link NetworkResult}, {@link NetworkStatus} and {@link
 * CniException} is its error family.
 *
 * <p>Invariant: no plugin runs for an attachment that has no file in the cache, and the file goes
 * only after every plugin of its chain has answered DEL, by the configuration of its ADD or by the
 * one that has its name now. Two exceptions: a plugin whose ADD failed by its own answer owes no
 * DEL once its configuration is invalid, see {@link io.berth.cni.owed.FailedAdd}; and an operator
 * may give an attachment up. Imported by sandbox and daemon; imports linux only.
 *
 * <p>On disk, one file an attachment, replaced atomically, at most 4 MiB:
 *
 * <pre>
 *   CACHE/results/SANDBOX@INTERFACE.json
 *   { "format": "berth-attachment", "version": 1,
 *     "sandbox": "…", "interface": "eth0", "netns": "/run/berth/netns/…",
 *     "network": { "name", "cniVersion", "disableCheck", "disableGC", "plugins": [ … ] },
 *     "args": { "K8S_POD_NAME": "…", … },         as sent in CNI_ARGS
 *     "capabilities": { "portMappings": [ … ] },  all that were offered
 *     "startedAt": "2026-11-21T10:00:00Z",
 *     "folder": "…",                              of the network, if it is a runtime handler's own
 *     "failure": { "plugin": 0, "code", "problem" },  once a plugin answered ADD with an error
 *     "result": { … } }                           absent until the last plugin's ADD succeeded
 *   NETNS/SANDBOX                                 bind mount of the pod's network namespace
 * </pre>
 */
@NullMarked
package io.berth.cni;

import org.jspecify.annotations.NullMarked;
