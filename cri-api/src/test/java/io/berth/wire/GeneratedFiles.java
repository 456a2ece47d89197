package io.berth.wire;

import com.google.protobuf.Descriptors.FileDescriptor;
import io.berth.cri.v1.CheckpointProto;
import io.berth.cri.v1.ContainerStatusProto;
import io.berth.cri.v1.EventsProto;
import io.berth.cri.v1.ExecProto;
import io.berth.cri.v1.ImageServiceProto;
import io.berth.cri.v1.MetricsProto;
import io.berth.cri.v1.ResourcesProto;
import io.berth.cri.v1.RuntimeServiceProto;
import io.berth.cri.v1.SandboxStatusProto;
import io.berth.cri.v1.SecurityProto;
import io.berth.cri.v1.SignalProto;
import io.berth.cri.v1.StatsProto;
import io.berth.cri.v1.StatusProto;
import io.berth.cri.v1.UsageProto;
import io.berth.cri.v1.ValuesProto;
import io.berth.cri.v1.WindowsProto;
import io.berth.cri.v1.WindowsUsageProto;
import io.berth.proxy.diff.DiffProto;
import io.berth.proxy.snapshots.SnapshotsProto;
import io.berth.shim.bootstrap.BootstrapProto;
import io.berth.shim.events.EnvelopeProto;
import io.berth.shim.events.ForwardProto;
import io.berth.shim.events.SnapshotProto;
import io.berth.shim.generic.GenericOptionsProto;
import io.berth.shim.runc.OptionsProto;
import io.berth.shim.types.DescriptorProto;
import io.berth.shim.types.MountProto;
import java.util.List;

/** The descriptors of all files in src/main/protobuf, by the table that each is held against. */
final class GeneratedFiles {

    /** The CRI, against cri-runtime-v1.tsv. */
    static final List<FileDescriptor> CRI =
            List.of(
                    CheckpointProto.getDescriptor(),
                    io.berth.cri.v1.ContainerProto.getDescriptor(),
                    ContainerStatusProto.getDescriptor(),
                    EventsProto.getDescriptor(),
                    ExecProto.getDescriptor(),
                    io.berth.cri.v1.ImageProto.getDescriptor(),
                    ImageServiceProto.getDescriptor(),
                    MetricsProto.getDescriptor(),
                    io.berth.cri.v1.NamespaceProto.getDescriptor(),
                    ResourcesProto.getDescriptor(),
                    RuntimeServiceProto.getDescriptor(),
                    io.berth.cri.v1.SandboxProto.getDescriptor(),
                    SandboxStatusProto.getDescriptor(),
                    SecurityProto.getDescriptor(),
                    SignalProto.getDescriptor(),
                    StatsProto.getDescriptor(),
                    StatusProto.getDescriptor(),
                    UsageProto.getDescriptor(),
                    ValuesProto.getDescriptor(),
                    WindowsProto.getDescriptor(),
                    WindowsUsageProto.getDescriptor());

    /** The shim's protocols and the proxy plugins, against containerd-api.tsv. */
    static final List<FileDescriptor> CONTAINERD =
            List.of(
                    io.berth.proxy.content.ContentProto.getDescriptor(),
                    DiffProto.getDescriptor(),
                    SnapshotsProto.getDescriptor(),
                    BootstrapProto.getDescriptor(),
                    io.berth.shim.events.ContainerProto.getDescriptor(),
                    io.berth.shim.events.ContentProto.getDescriptor(),
                    EnvelopeProto.getDescriptor(),
                    ForwardProto.getDescriptor(),
                    io.berth.shim.events.ImageProto.getDescriptor(),
                    io.berth.shim.events.NamespaceProto.getDescriptor(),
                    io.berth.shim.events.SandboxProto.getDescriptor(),
                    SnapshotProto.getDescriptor(),
                    io.berth.shim.events.TaskProto.getDescriptor(),
                    OptionsProto.getDescriptor(),
                    GenericOptionsProto.getDescriptor(),
                    DescriptorProto.getDescriptor(),
                    MountProto.getDescriptor(),
                    io.berth.shim.types.TaskProto.getDescriptor(),
                    io.berth.shim.v2.ShimProto.getDescriptor(),
                    io.berth.shim.v3.ShimProto.getDescriptor());

    /** NRI, against nri-api.tsv. */
    static final List<FileDescriptor> NRI =
            List.of(
                    io.berth.nri.v1.AdjustmentProto.getDescriptor(),
                    io.berth.nri.v1.ContainerProto.getDescriptor(),
                    io.berth.nri.v1.FilesProto.getDescriptor(),
                    io.berth.nri.v1.HostProto.getDescriptor(),
                    io.berth.nri.v1.PluginProto.getDescriptor(),
                    io.berth.nri.v1.PodProto.getDescriptor(),
                    io.berth.nri.v1.ProcessProto.getDescriptor(),
                    io.berth.nri.v1.ResourcesProto.getDescriptor(),
                    io.berth.nri.v1.RuntimeProto.getDescriptor(),
                    io.berth.nri.v1.SeccompProto.getDescriptor(),
                    io.berth.nri.v1.UpdateProto.getDescriptor(),
                    io.berth.nri.v1.ValidationProto.getDescriptor(),
                    io.berth.nri.v1.ValuesProto.getDescriptor());

    private GeneratedFiles() {}
}
