package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageRef;
import java.util.List;

/** An image found in an archive, and the names that the archive gives it. */
record LoadedParts(ImageParts parts, List<ImageRef> names) {
    LoadedParts {
        names = List.copyOf(names);
    }

    List<String> tags() {
        return names.stream().flatMap(name -> name.repoTag().stream()).toList();
    }
}
