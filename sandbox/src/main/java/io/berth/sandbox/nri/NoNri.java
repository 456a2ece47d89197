package io.berth.sandbox.nri;

import io.berth.cri.v1.LinuxContainerResources;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;

/** A node without plugins: nobody is told, nothing is changed. */
public final class NoNri implements Nri {
    @Override
    public void runPodSandbox(PodSandbox pod) {}

    @Override
    public void podSandboxSettled(PodSandbox pod) {}

    @Override
    public void updatePodSandbox(
            PodSandbox pod, LinuxContainerResources overhead, LinuxContainerResources resources) {}

    @Override
    public void postUpdatePodSandbox(PodSandbox pod) {}

    @Override
    public void stopPodSandbox(PodSandbox pod) {}

    @Override
    public void removePodSandbox(PodSandbox pod) {}

    @Override
    public byte[] createContainer(PodSandbox pod, Container container, byte[] spec) {
        return spec;
    }

    @Override
    public void postCreateContainer(Container container) {}

    @Override
    public void undoCreateContainer(Container container) {}

    @Override
    public void startContainer(Container container, int pid) {}

    @Override
    public void postStartContainer(Container container) {}

    @Override
    public LinuxContainerResources updateContainer(
            Container container, LinuxContainerResources asked) {
        return asked;
    }

    @Override
    public void postUpdateContainer(Container container) {}

    @Override
    public void stopContainer(Container container) {}

    @Override
    public void removeContainer(Container container) {}
}
