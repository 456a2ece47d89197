package io.berth.sandbox.nri;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;

/**
 * What operations tell the node's plugins, and what these make of it.
 *
 * <p>A method returns when every plugin that wanted to know has answered or has been closed. One
 * that a plugin may refuse throws {@link io.berth.sandbox.SandboxException.Failed} with the
 * plugin's name and words; the others log it. A thing's end is told once, and only of things whose
 * beginning plugins know: from its hook, or from their synchronization.
 */
public interface Nri {
    /** A pod runs, and is not visible yet. May be refused: then the pod's end has been told. */
    void runPodSandbox(PodSandbox pod);

    /** A pod that was told of is visible, or is none. */
    void podSandboxSettled(PodSandbox pod);

    /** A pod's resources are about to change. May be refused. */
    void updatePodSandbox(
            PodSandbox pod, LinuxContainerResources overhead, LinuxContainerResources resources);

    /** A pod's resources have changed. */
    void postUpdatePodSandbox(PodSandbox pod);

    /** A pod's containers have stopped; its network still stands. */
    void stopPodSandbox(PodSandbox pod);

    /** A pod goes; it is no longer among those that plugins are synchronized with. */
    void removePodSandbox(PodSandbox pod);

    /**
     * A container is about to be made. May be refused: then its end has been told.
     *
     * @param spec its OCI config.json
     * @return the same with what plugins have changed
     */
    byte[] createContainer(PodSandbox pod, Container container, byte[] spec);

    /** A container is made and visible. */
    void postCreateContainer(Container container);

    /** A container that was told of could not be made. */
    void undoCreateContainer(Container container);

    /**
     * A container is about to start. May be refused.
     *
     * @param pid of the process that becomes it; 0 if there is none yet
     */
    void startContainer(Container container, int pid);

    /** A container has started. */
    void postStartContainer(Container container);

    /**
     * A container's limits are about to change. May be refused. Returns what plugins make of it.
     */
    LinuxContainerResources updateContainer(Container container, LinuxContainerResources asked);

    /** A container's limits have changed. */
    void postUpdateContainer(Container container);

    /** A container has ended, or will not be started any more. */
    void stopContainer(Container container);

    /** A container goes; it is no longer among those that plugins are synchronized with. */
    void removeContainer(Container container);
}
