package io.berth.imageservice.pull;

import java.util.List;

/** What a manifest's bytes say: the parts of an image, or a choice among images. */
sealed interface Manifest {

    /** One image: its configuration and its layers from the lowest up. */
    record Single(Descriptor config, List<Descriptor> layers) implements Manifest {
        public Single {
            layers = List.copyOf(layers);
        }
    }

    /** Several images, told apart by platform, in the order of preference. */
    record Index(List<Descriptor> manifests) implements Manifest {
        public Index {
            manifests = List.copyOf(manifests);
        }
    }
}
