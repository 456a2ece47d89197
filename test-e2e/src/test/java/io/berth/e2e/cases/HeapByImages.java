package io.berth.e2e.cases;

import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.e2e.image.TestImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** Images of a few bytes whose configurations have an environment that fills megabytes of heap. */
final class HeapByImages implements HostileCase {
    private static final int IMAGES = 26;

    /** Images in one archive. */
    private static final int TOGETHER = 13;

    /** As many as the daemon takes, each as long as all of them may be together. */
    private static final int VARIABLES = 38_000;

    private static final int VALUE_CHARACTERS = 17;

    /** A character that takes two bytes, in UTF-8 and on a heap. */
    private static final String WIDE = "\u0436";

    @Override
    public String name() {
        return "heap-by-images";
    }

    @Override
    public String purpose() {
        return "fills memory with 26 images of 38,000 variables each";
    }

    private static List<String> environment(int image) {
        var value = WIDE.repeat(VALUE_CHARACTERS);
        var variables = new ArrayList<String>();
        for (int i = 0; i < VARIABLES; i++) {
            variables.add("E%s=%d%s".formatted(Integer.toString(i, 36), image, value));
        }
        return variables;
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var faults = new ArrayList<String>();
        var loaded = new ArrayList<String>();
        int count = Attack.times(IMAGES);
        var base = TestImage.build(daemon.mark());
        for (int i = 0; i < count; i += TOGETHER) {
            var images = new HashMap<String, TestImage>();
            for (int j = i; j < i + TOGETHER; j++) {
                var large = base.with(environment(j));
                images.put("cases.local/heap-%d:1".formatted(j), large);
            }
            var result = daemon.load(images);
            if (result.exitCode() == 0) {
                loaded.addAll(images.keySet());
            } else if (!result.error().contains("memory budget")) {
                faults.add("images from %d: found: %s".formatted(i, result.error().strip()));
            }
        }
        if (loaded.isEmpty()) {
            faults.add("images: found none that was loaded, wanted some");
        }
        faults.addAll(Attack.othersAnswered(daemon));
        var images = daemon.client().images();
        int listed = images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount();
        if (listed < loaded.size()) {
            faults.add("ListImages: found %d, wanted %d".formatted(listed, loaded.size()));
        }
        for (var reference : loaded) {
            images.removeImage(
                    RemoveImageRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(reference))
                            .build());
        }
        return faults;
    }
}
