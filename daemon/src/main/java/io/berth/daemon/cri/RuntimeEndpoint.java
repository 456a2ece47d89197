package io.berth.daemon.cri;

import static io.berth.daemon.cri.Answering.answer;

import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.AttachResponse;
import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.cri.v1.CheckpointContainerResponse;
import io.berth.cri.v1.CheckpointPodRequest;
import io.berth.cri.v1.CheckpointPodResponse;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.ContainerStatusResponse;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.CreateContainerResponse;
import io.berth.cri.v1.ExecRequest;
import io.berth.cri.v1.ExecResponse;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListContainersResponse;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.ListPodSandboxResponse;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.cri.v1.PodSandboxStatusResponse;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.cri.v1.PortForwardResponse;
import io.berth.cri.v1.RemoveContainerRequest;
import io.berth.cri.v1.RemoveContainerResponse;
import io.berth.cri.v1.RemovePodSandboxRequest;
import io.berth.cri.v1.RemovePodSandboxResponse;
import io.berth.cri.v1.ReopenContainerLogRequest;
import io.berth.cri.v1.ReopenContainerLogResponse;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RestorePodResponse;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.RunPodSandboxResponse;
import io.berth.cri.v1.RuntimeConfigRequest;
import io.berth.cri.v1.RuntimeConfigResponse;
import io.berth.cri.v1.StartContainerRequest;
import io.berth.cri.v1.StartContainerResponse;
import io.berth.cri.v1.StatusRequest;
import io.berth.cri.v1.StatusResponse;
import io.berth.cri.v1.StopContainerRequest;
import io.berth.cri.v1.StopContainerResponse;
import io.berth.cri.v1.StopPodSandboxRequest;
import io.berth.cri.v1.StopPodSandboxResponse;
import io.berth.cri.v1.UpdateContainerResourcesRequest;
import io.berth.cri.v1.UpdateContainerResourcesResponse;
import io.berth.cri.v1.UpdatePodSandboxResourcesRequest;
import io.berth.cri.v1.UpdatePodSandboxResourcesResponse;
import io.berth.cri.v1.UpdateRuntimeConfigRequest;
import io.berth.cri.v1.UpdateRuntimeConfigResponse;
import io.berth.cri.v1.VersionRequest;
import io.berth.cri.v1.VersionResponse;
import io.berth.sandbox.operation.GetContainerEvents;
import io.berth.sandbox.operation.Measurements;
import io.berth.sandbox.operation.Sandboxes;
import io.berth.sandbox.spec.FieldPolicy;
import io.grpc.stub.StreamObserver;

/**
 * The CRI's RuntimeService. Each method checks the request's fields, makes one call and answers;
 * methods that are neither here nor in the parent answer UNIMPLEMENTED.
 */
public final class RuntimeEndpoint extends ObservingEndpoint {
    private final Sandboxes sandboxes;
    private final NodeStatus status;
    private final StreamEndpoint streams;

    public RuntimeEndpoint(
            Sandboxes sandboxes,
            NodeStatus status,
            StreamEndpoint streams,
            GetContainerEvents events,
            Measurements measurements) {
        super(sandboxes, events, measurements);
        this.sandboxes = sandboxes;
        this.status = status;
        this.streams = streams;
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> to) {
        answer(
                "Version",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return status.version();
                });
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> to) {
        answer(
                "Status",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return status.status(request.getVerbose());
                });
    }

    @Override
    public void runtimeConfig(
            RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> to) {
        answer(
                "RuntimeConfig",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return status.runtimeConfig();
                });
    }

    @Override
    public void runPodSandbox(
            RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> to) {
        answer(
                "RunPodSandbox",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return RunPodSandboxResponse.newBuilder()
                            .setPodSandboxId(sandboxes.runPodSandbox(request).value())
                            .build();
                });
    }

    @Override
    public void stopPodSandbox(
            StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> to) {
        answer(
                "StopPodSandbox",
                to,
                () -> {
                    FieldPolicy.check(request);
                    sandboxes.stopPodSandbox(request.getPodSandboxId());
                    return StopPodSandboxResponse.getDefaultInstance();
                });
    }

    @Override
    public void removePodSandbox(
            RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> to) {
        answer(
                "RemovePodSandbox",
                to,
                () -> {
                    FieldPolicy.check(request);
                    sandboxes.removePodSandbox(request.getPodSandboxId());
                    return RemovePodSandboxResponse.getDefaultInstance();
                });
    }

    @Override
    public void podSandboxStatus(
            PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> to) {
        answer(
                "PodSandboxStatus",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.podSandboxStatus(
                            request.getPodSandboxId(), request.getVerbose());
                });
    }

    @Override
    public void listPodSandbox(
            ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> to) {
        answer(
                "ListPodSandbox",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.listPodSandbox(request.getFilter());
                });
    }

    @Override
    public void createContainer(
            CreateContainerRequest request, StreamObserver<CreateContainerResponse> to) {
        answer(
                "CreateContainer",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return CreateContainerResponse.newBuilder()
                            .setContainerId(sandboxes.createContainer(request).value())
                            .build();
                });
    }

    @Override
    public void startContainer(
            StartContainerRequest request, StreamObserver<StartContainerResponse> to) {
        answer(
                "StartContainer",
                to,
                () -> {
                    FieldPolicy.check(request);
                    sandboxes.startContainer(request.getContainerId());
                    return StartContainerResponse.getDefaultInstance();
                });
    }

    @Override
    public void stopContainer(
            StopContainerRequest request, StreamObserver<StopContainerResponse> to) {
        answer(
                "StopContainer",
                to,
                () -> {
                    FieldPolicy.check(request);
                    sandboxes.stopContainer(request.getContainerId(), request.getTimeout());
                    return StopContainerResponse.getDefaultInstance();
                });
    }

    @Override
    public void removeContainer(
            RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> to) {
        answer(
                "RemoveContainer",
                to,
                () -> {
                    FieldPolicy.check(request);
                    sandboxes.removeContainer(request.getContainerId());
                    return RemoveContainerResponse.getDefaultInstance();
                });
    }

    @Override
    public void containerStatus(
            ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> to) {
        answer(
                "ContainerStatus",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.containerStatus(
                            request.getContainerId(), request.getVerbose());
                });
    }

    @Override
    public void listContainers(
            ListContainersRequest request, StreamObserver<ListContainersResponse> to) {
        answer(
                "ListContainers",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.listContainers(request.getFilter());
                });
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> to) {
        answer(
                "ExecSync",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return sandboxes.execSync(request);
                });
    }

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> to) {
        answer("Exec", to, () -> streams.exec(request));
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> to) {
        answer("Attach", to, () -> streams.attach(request));
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> to) {
        answer("PortForward", to, () -> streams.portForward(request));
    }

    @Override
    public void reopenContainerLog(
            ReopenContainerLogRequest request, StreamObserver<ReopenContainerLogResponse> to) {
        answer(
                "ReopenContainerLog",
                to,
                () -> {
                    FieldPolicy.check(request);
                    sandboxes.reopenContainerLog(request.getContainerId());
                    return ReopenContainerLogResponse.getDefaultInstance();
                });
    }

    @Override
    public void updateContainerResources(
            UpdateContainerResourcesRequest request,
            StreamObserver<UpdateContainerResourcesResponse> to) {
        answer(
                "UpdateContainerResources",
                to,
                () -> {
                    sandboxes.updateContainerResources(request);
                    return UpdateContainerResourcesResponse.getDefaultInstance();
                });
    }

    @Override
    public void updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest request,
            StreamObserver<UpdatePodSandboxResourcesResponse> to) {
        answer(
                "UpdatePodSandboxResources",
                to,
                () -> {
                    sandboxes.updatePodSandboxResources(request);
                    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
                });
    }

    @Override
    public void updateRuntimeConfig(
            UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> to) {
        answer(
                "UpdateRuntimeConfig",
                to,
                () -> {
                    sandboxes.updateRuntimeConfig(request);
                    return UpdateRuntimeConfigResponse.getDefaultInstance();
                });
    }

    @Override
    public void checkpointContainer(
            CheckpointContainerRequest request, StreamObserver<CheckpointContainerResponse> to) {
        answer(
                "CheckpointContainer",
                to,
                () -> {
                    sandboxes.checkpointContainer(request);
                    return CheckpointContainerResponse.getDefaultInstance();
                });
    }

    @Override
    public void checkpointPod(
            CheckpointPodRequest request, StreamObserver<CheckpointPodResponse> to) {
        answer(
                "CheckpointPod",
                to,
                () -> {
                    sandboxes.checkpointPod(request);
                    return CheckpointPodResponse.getDefaultInstance();
                });
    }

    @Override
    public void restorePod(RestorePodRequest request, StreamObserver<RestorePodResponse> to) {
        answer("RestorePod", to, () -> sandboxes.restorePod(request));
    }
}
