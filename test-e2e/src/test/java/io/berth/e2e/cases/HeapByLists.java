package io.berth.e2e.cases;

import io.berth.cri.v1.CDIDevice;
import io.berth.cri.v1.DNSConfig;
import io.berth.cri.v1.Device;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.PortMapping;
import io.berth.e2e.pod.Kubelet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;

/** Requests with lists of a hundred thousand elements, several at once. */
final class HeapByLists implements HostileCase {
    private static final int ELEMENTS = 100_000;
    private static final int AT_ONCE = 3;

    @Override
    public String name() {
        return "heap-by-lists";
    }

    @Override
    public String purpose() {
        return "fills memory with requests of 100,000 mounts, devices, arguments or ports each";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var mount = Mount.newBuilder().setHostPath("/").setContainerPath("/m").build();
        var device = Device.newBuilder().setHostPath("/dev/null").setContainerPath("/dev/x");
        var cdi = CDIDevice.newBuilder().setName("a.b/c=d").build();
        var containers =
                List.of(
                        kubelet.shell("mounts", "true").addAllMounts(many(mount)),
                        kubelet.shell("devices", "true").addAllDevices(many(device.build())),
                        kubelet.shell("cdi", "true").addAllCDIDevices(many(cdi)),
                        kubelet.shell("args", "true").addAllArgs(many("a")));
        var ports =
                kubelet.pod()
                        .addAllPortMappings(many(PortMapping.newBuilder().setHostPort(1).build()))
                        .setDnsConfig(DNSConfig.newBuilder().addAllSearches(many("s.example")));
        var work = new ArrayList<Callable<List<String>>>();
        for (int i = 0; i < Attack.times(AT_ONCE); i++) {
            for (var container : containers) {
                var request = container.build();
                work.add(
                        () ->
                                Attack.answered(
                                        "CreateContainer of " + request.getMetadata().getName(),
                                        () -> kubelet.create(sandbox, pod, request)));
            }
            work.add(
                    () ->
                            Attack.answered(
                                    "RunPodSandbox of ports",
                                    () -> kubelet.end(kubelet.run(ports.build()))));
        }
        var faults = new ArrayList<String>();
        Attack.together(work).forEach(faults::addAll);
        faults.addAll(Attack.othersAnswered(daemon));
        kubelet.end(sandbox);
        return faults;
    }

    private static <T> List<T> many(T element) {
        return Collections.nCopies(ELEMENTS, element);
    }
}
