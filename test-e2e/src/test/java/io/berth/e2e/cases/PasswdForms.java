package io.berth.e2e.cases;

import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.e2e.image.TarBytes;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.pod.Kubelet;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Images whose /etc/passwd or /etc/group is no file to be read: the daemon would run a driver of
 * the host by opening a device node, or wait for a writer that never comes. An image whose file is
 * a link that leads above its root is run, as the link leads nowhere inside the root.
 */
public final class PasswdForms implements HostileCase {
    private static final String REFERENCE = "cases.local/passwd:";
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final char CHARACTER = '3';
    private static final char BLOCK = '4';

    /** Both files are read by one function: these forms do for the second. */
    private static final List<String> ALSO_GROUP = List.of("zero", "fifo");

    /** A link that leads nowhere inside the image. */
    private static final List<String> HARMLESS = List.of("above", "proc");

    @Override
    public String name() {
        return "passwd-forms";
    }

    @Override
    public String purpose() {
        return "The account files of an image are devices, FIFOs, folders, links or too large.";
    }

    private static Map<String, TarBytes> layers(String file) {
        var layers = new TreeMap<String, TarBytes>();
        layers.put("zero", new TarBytes().device(file, CHARACTER, 1, 5));
        layers.put("kmsg", new TarBytes().device(file, CHARACTER, 1, 11));
        layers.put("tty", new TarBytes().device(file, CHARACTER, 5, 0));
        layers.put("watchdog", new TarBytes().device(file, CHARACTER, 10, 130));
        layers.put("loop", new TarBytes().device(file, BLOCK, 7, 0));
        layers.put("fifo", new TarBytes().fifo(file));
        layers.put("folder", new TarBytes().folder(file, 0755));
        layers.put("circle", new TarBytes().link(file, "/" + file));
        layers.put("large", new TarBytes().file(file, 0644, new byte[3 << 20]));
        layers.put("linked", new TarBytes().device("etc/node", CHARACTER, 1, 5).link(file, "node"));
        layers.put("above", new TarBytes().link(file, "../../../../../../etc/shadow"));
        layers.put("proc", new TarBytes().link(file, "/proc/self/environ"));
        return layers;
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var faults = new ArrayList<String>();
        var kubelet = new Kubelet(daemon);
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var forms = forms();
        try {
            load(daemon, forms);
            for (var form : forms.keySet()) {
                tryForm(kubelet, sandbox, pod, form, faults);
            }
        } finally {
            kubelet.end(sandbox);
            forms.keySet().forEach(form -> remove(daemon, form));
        }
        return faults;
    }

    /** The top layer of each image, by the name of its form. */
    private static Map<String, TarBytes> forms() {
        var forms = new TreeMap<String, TarBytes>();
        layers("etc/passwd").forEach((name, layer) -> forms.put("passwd-" + name, layer));
        layers("etc/group")
                .forEach(
                        (name, layer) -> {
                            if (ALSO_GROUP.contains(name)) {
                                forms.put("group-" + name, layer);
                            }
                        });
        return forms;
    }

    private static void load(CaseDaemon daemon, Map<String, TarBytes> forms) throws IOException {
        var images = new HashMap<String, TestImage>();
        for (var form : forms.entrySet()) {
            images.put(
                    REFERENCE + form.getKey(),
                    TestImage.topped("forms" + daemon.mark(), form.getValue()));
        }
        var loaded = daemon.load(images);
        if (loaded.exitCode() != 0) {
            throw new IOException("images: not loaded: " + loaded.error().strip());
        }
    }

    private static void tryForm(
            Kubelet kubelet,
            String sandbox,
            PodSandboxConfig pod,
            String form,
            List<String> faults) {
        var config =
                kubelet.shell(form, "exit 0")
                        .setImage(ImageSpec.newBuilder().setImage(REFERENCE + form))
                        .build();
        boolean harmless = HARMLESS.stream().anyMatch(form::endsWith);
        long began = System.nanoTime();
        try {
            kubelet.launch(sandbox, pod, config);
            if (!harmless) {
                faults.add(form + ": a container was started, wanted a refusal");
            }
        } catch (StatusRuntimeException refused) {
            var status = refused.getStatus();
            if (harmless) {
                faults.add(form + ": found " + status + ", wanted a container");
            } else if (status.getCode() != Status.Code.INVALID_ARGUMENT) {
                faults.add(form + ": found " + status + ", wanted INVALID_ARGUMENT");
            }
        }
        var took = Duration.ofNanos(System.nanoTime() - began);
        if (took.compareTo(SOON) > 0) {
            faults.add("%s: answered after %d s".formatted(form, took.toSeconds()));
        }
    }

    private static void remove(CaseDaemon daemon, String form) {
        daemon.client()
                .images()
                .removeImage(
                        RemoveImageRequest.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage(REFERENCE + form))
                                .build());
    }
}
