package io.berth.imageservice.pull;

import java.util.List;
import java.util.Map;

/** What a manifest's bytes say: the parts of an image, or a choice among images. */
sealed interface Manifest {

    /** One image: its configuration, its layers from the lowest up, and what is noted on it. */
    record Single(Descriptor config, List<Descriptor> layers, Map<String, String> annotations)
            implements Manifest {
        public Single {
            layers = List.copyOf(layers);
            annotations = Map.copyOf(annotations);
        }
    }

    /** Several images, told apart by platform, in the order of preference. */
    record Index(List<Descriptor> manifests) implements Manifest {
        public Index {
            manifests = List.copyOf(manifests);
        }
    }
}
