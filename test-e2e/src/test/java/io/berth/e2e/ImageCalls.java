package io.berth.e2e;

import io.berth.cri.v1.Image;
import io.berth.cri.v1.ImageFilter;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.ImageStatusRequest;
import io.berth.cri.v1.ImageStatusResponse;
import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.PullImageRequest;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.e2e.node.TestNode;
import java.util.List;

/** The calls of the ImageService with a reference alone. */
record ImageCalls(TestNode node) {
    static ImageSpec spec(String reference) {
        return ImageSpec.newBuilder().setImage(reference).build();
    }

    /** Pulls and returns what the node calls the image. */
    String pull(String reference) {
        var request = PullImageRequest.newBuilder().setImage(spec(reference)).build();
        return node.client().images().pullImage(request).getImageRef();
    }

    Image status(String reference) {
        return fullStatus(reference, false).getImage();
    }

    ImageStatusResponse fullStatus(String reference, boolean verbose) {
        var request = ImageStatusRequest.newBuilder().setImage(spec(reference)).setVerbose(verbose);
        return node.client().images().imageStatus(request.build());
    }

    List<Image> list() {
        return node.client()
                .images()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList();
    }

    List<Image> list(String reference) {
        var filter = ImageFilter.newBuilder().setImage(spec(reference));
        var request = ListImagesRequest.newBuilder().setFilter(filter).build();
        return node.client().images().listImages(request).getImagesList();
    }

    void remove(String reference) {
        var request = RemoveImageRequest.newBuilder().setImage(spec(reference)).build();
        node.client().images().removeImage(request);
    }
}
