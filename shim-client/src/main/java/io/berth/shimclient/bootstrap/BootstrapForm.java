package io.berth.shimclient.bootstrap;

/**
 * The form of a shim's start call: the message that the shim reads from standard input. Neither
 * kind of shim survives the other's message. A shim before 2.3 ends with "type with url ID: not
 * found"; one since 2.3 takes the options' type for the pod's id, answers, and stays running.
 */
public enum BootstrapForm {
    /** Shims before containerd 2.3: the runtime's options as an Any, or nothing. */
    OPTIONS,
    /** Shims since containerd 2.3: a BootstrapParams message, which holds the options. */
    PARAMS
}
