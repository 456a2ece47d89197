package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.cri.v1.CheckpointPodRequest;
import io.berth.cri.v1.ContainerFilter;
import io.berth.cri.v1.ContainerStatusResponse;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.ExecRequest;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.cri.v1.ListContainersResponse;
import io.berth.cri.v1.ListPodSandboxResponse;
import io.berth.cri.v1.PodSandboxFilter;
import io.berth.cri.v1.PodSandboxStatusResponse;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RestorePodResponse;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.UpdateContainerResourcesRequest;
import io.berth.cri.v1.UpdatePodSandboxResourcesRequest;
import io.berth.cri.v1.UpdateRuntimeConfigRequest;
import io.berth.linux.FdPoller;
import io.berth.linux.Namespaces;
import io.berth.linux.PolledFd;
import io.berth.linux.foreign.ForeignOutput;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.exit.ProcessEnds;
import io.berth.sandbox.logs.ContainerLogs;
import io.berth.sandbox.nri.ContainerChanges;
import io.berth.sandbox.sandbox.SandboxId;
import java.io.IOException;
import java.util.stream.Stream;

/**
 * The pods and containers of this node: one method an RPC, each a class of its own. Changes run as
 * operations that outlive their callers; lists and statuses answer from memory. All throw {@link
 * io.berth.sandbox.SandboxException}.
 */
public final class Sandboxes {
    private final RunPodSandbox runPodSandbox;
    private final StopPodSandbox stopPodSandbox;
    private final RemovePodSandbox removePodSandbox;
    private final PodSandboxStatus podSandboxStatus;
    private final ListPodSandbox listPodSandbox;
    private final CreateContainer createContainer;
    private final StartContainer startContainer;
    private final StopContainer stopContainer;
    private final RemoveContainer removeContainer;
    private final ContainerStatus containerStatus;
    private final ListContainers listContainers;
    private final ExecSync execSync;
    private final ReopenContainerLog reopenContainerLog;
    private final UpdateContainerResources updateContainerResources;
    private final UpdatePodSandboxResources updatePodSandboxResources;
    private final UpdateRuntimeConfig updateRuntimeConfig;
    private final CheckpointContainer checkpointContainer;
    private final CheckpointPod checkpointPod;
    private final RestorePod restorePod;
    private final Exec exec;
    private final Attach attach;
    private final PortForward portForward;
    private final ContainerChanges pluginChanges;

    /** The parts that streams and commands need: what carries bytes, and what tells their ends. */
    public record Streaming(FdPoller poller, Namespaces namespaces, ProcessEnds ends) {}

    public Sandboxes(
            Node node,
            PodTask task,
            ContainerLogs logs,
            ExitWatch watch,
            Streaming streaming,
            HostPaths hostPaths) {
        var bundles = new Bundles(node);
        var criu = new Criu(ForeignOutput.programs(MemoryBudget.ofThisHeap()));
        var users = new ContainerUsers(node);
        var stop = new ContainerStop(node, watch);
        this.runPodSandbox = new RunPodSandbox(node, new PodFiles(node, bundles), task);
        this.stopPodSandbox = new StopPodSandbox(node, stop);
        this.removeContainer = new RemoveContainer(node, stop);
        this.removePodSandbox = new RemovePodSandbox(node, stopPodSandbox, removeContainer);
        this.podSandboxStatus = new PodSandboxStatus(node);
        this.listPodSandbox = new ListPodSandbox(node);
        this.createContainer =
                new CreateContainer(
                        node,
                        new ContainerFiles(
                                node,
                                bundles,
                                users,
                                new MountSources(hostPaths, new ImageVolumes(node))),
                        new GivenCheckpoints(node, bundles, criu));
        this.startContainer =
                new StartContainer(
                        node, bundles, logs, watch, new PodHostname(node, streaming.namespaces()));
        this.stopContainer = new StopContainer(node, stop);
        this.containerStatus = new ContainerStatus(node);
        this.listContainers = new ListContainers(node);
        this.execSync = new ExecSync(node, streaming.poller(), streaming.ends());
        this.reopenContainerLog = new ReopenContainerLog(node, logs);
        this.updateContainerResources = new UpdateContainerResources(node);
        this.updatePodSandboxResources = new UpdatePodSandboxResources(node);
        this.updateRuntimeConfig = new UpdateRuntimeConfig(node);
        this.exec = new Exec(node, streaming.poller(), streaming.ends());
        this.attach = new Attach(node, streaming.poller(), logs);
        this.portForward = new PortForward(node, streaming.poller(), streaming.namespaces());
        this.pluginChanges = new PluginChanges(node, updateContainerResources, stop);
        var checkpoint = new ContainerCheckpoint(node);
        this.checkpointContainer = new CheckpointContainer(node, criu, checkpoint);
        this.checkpointPod = new CheckpointPod(node, criu, checkpoint);
        this.restorePod = new RestorePod(node, criu, runPodSandbox, createContainer);
    }

    /** What plugins of the node may ask for. */
    public ContainerChanges pluginChanges() {
        return pluginChanges;
    }

    public SandboxId runPodSandbox(RunPodSandboxRequest request) {
        return runPodSandbox.run(request);
    }

    public void stopPodSandbox(String podSandboxId) {
        stopPodSandbox.run(podSandboxId);
    }

    public void removePodSandbox(String podSandboxId) {
        removePodSandbox.run(podSandboxId);
    }

    public PodSandboxStatusResponse podSandboxStatus(String podSandboxId, boolean verbose) {
        return podSandboxStatus.run(podSandboxId, verbose);
    }

    public ListPodSandboxResponse listPodSandbox(PodSandboxFilter filter) {
        return listPodSandbox.run(filter);
    }

    /** What {@link #listPodSandbox} lists, one by one. */
    public Stream<ByteString> streamPodSandboxes(PodSandboxFilter filter) {
        return listPodSandbox.items(filter);
    }

    public ContainerId createContainer(CreateContainerRequest request) {
        return createContainer.run(request);
    }

    public void startContainer(String containerId) {
        startContainer.run(containerId);
    }

    /** Zero or less seconds kill at once. */
    public void stopContainer(String containerId, long timeoutSeconds) {
        stopContainer.run(containerId, timeoutSeconds);
    }

    public void removeContainer(String containerId) {
        removeContainer.run(containerId);
    }

    public ContainerStatusResponse containerStatus(String containerId, boolean verbose) {
        return containerStatus.run(containerId, verbose);
    }

    public ListContainersResponse listContainers(ContainerFilter filter) {
        return listContainers.run(filter);
    }

    /** What {@link #listContainers} lists, one by one. */
    public Stream<ByteString> streamContainers(ContainerFilter filter) {
        return listContainers.items(filter);
    }

    public ExecSyncResponse execSync(ExecSyncRequest request) {
        return execSync.run(request);
    }

    public void reopenContainerLog(String containerId) {
        reopenContainerLog.run(containerId);
    }

    public void updateContainerResources(UpdateContainerResourcesRequest request) {
        updateContainerResources.run(request);
    }

    public void updatePodSandboxResources(UpdatePodSandboxResourcesRequest request) {
        updatePodSandboxResources.run(request);
    }

    public void updateRuntimeConfig(UpdateRuntimeConfigRequest request) {
        updateRuntimeConfig.run(request);
    }

    /** Throws if the command could not be run now. */
    public void checkExec(ExecRequest request) {
        exec.check(request);
    }

    /** Runs a command for a client until either ends; its exit code. */
    public int exec(ExecRequest request, Client client) throws IOException {
        return exec.run(request, client);
    }

    /** Throws if nobody could be attached now. */
    public void checkAttach(AttachRequest request) {
        attach.check(request);
    }

    /** Connects a client with a container until either ends. */
    public void attach(AttachRequest request, Client client) throws IOException {
        attach.run(request, client);
    }

    /** Throws if nothing could be connected now. */
    public void checkPortForward(PortForwardRequest request) {
        portForward.check(request);
    }

    /** A connection to a port of a pod. */
    public PolledFd connect(String podSandboxId, int port) throws IOException {
        return portForward.connect(podSandboxId, port);
    }

    public void checkpointContainer(CheckpointContainerRequest request) {
        checkpointContainer.run(request);
    }

    public void checkpointPod(CheckpointPodRequest request) {
        checkpointPod.run(request);
    }

    public RestorePodResponse restorePod(RestorePodRequest request) {
        return restorePod.run(request);
    }
}
