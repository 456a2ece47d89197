package io.berth.daemon;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The modules with Java in them, their packages below the root, and whom each may import. */
enum BerthModule {
    CRI_API("cri-api", 1200),
    LINUX("linux", 60),
    STORAGE("storage", 110),
    IMAGE_SERVICE("image-service", 85),
    CNI("cni", 45),
    SHIM_CLIENT("shim-client", 80),
    STREAMING("streaming", 1),
    SANDBOX("sandbox", 130),
    DAEMON("daemon", 120),
    TEST_E2E("test-e2e", 25);

    private final String folder;
    private final int classesAtLeast;

    BerthModule(String folder, int classesAtLeast) {
        this.folder = folder;
        this.classesAtLeast = classesAtLeast;
    }

    String folder() {
        return folder;
    }

    /** Fewer were not all of them: somewhat below what there are, to be raised as they grow. */
    int classesAtLeast() {
        return classesAtLeast;
    }

    boolean mayImport(BerthModule other) {
        return other == this || imports().contains(other);
    }

    private Set<BerthModule> imports() {
        return switch (this) {
            case CRI_API, LINUX, STREAMING -> Set.of();
            case STORAGE, SHIM_CLIENT -> Set.of(CRI_API, LINUX);
            case IMAGE_SERVICE -> Set.of(STORAGE, LINUX);
            case CNI -> Set.of(LINUX);
            case SANDBOX -> Set.of(CRI_API, IMAGE_SERVICE, STORAGE, CNI, SHIM_CLIENT, LINUX);
            case DAEMON ->
                    Set.of(
                            CRI_API,
                            LINUX,
                            STORAGE,
                            IMAGE_SERVICE,
                            CNI,
                            SHIM_CLIENT,
                            STREAMING,
                            SANDBOX);
            case TEST_E2E -> Set.of(CRI_API);
        };
    }

    /** The first words of its packages. */
    private Set<String> packages() {
        return switch (this) {
            case CRI_API -> Set.of("cri", "proxy", "shim", "nri", "admin");
            case IMAGE_SERVICE -> Set.of("imageservice");
            case SHIM_CLIENT -> Set.of("shimclient");
            case TEST_E2E -> Set.of("e2e");
            case LINUX, STORAGE, CNI, STREAMING, SANDBOX, DAEMON -> Set.of(folder);
        };
    }

    /** Its place in a checkout; test-e2e has nothing but tests. */
    Path classes(Path repository) {
        var target = repository.resolve(folder).resolve("target");
        return target.resolve(this == TEST_E2E ? "test-classes" : "classes");
    }

    /** The module that a package belongs to, where packages of modules begin with {@code root}. */
    static Optional<BerthModule> of(String root, String packageName) {
        if (!packageName.startsWith(root + ".")) {
            return Optional.empty();
        }
        var first = packageName.substring(root.length() + 1).split("\\.", -1)[0];
        return Arrays.stream(values()).filter(each -> each.packages().contains(first)).findFirst();
    }
}
