package io.berth.daemon.cli;

import io.berth.cri.v1.AuthConfig;
import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.console.ProgressView;
import io.berth.daemon.cli.console.Sizes;
import io.berth.daemon.cli.console.Table;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The images of the node: one nested class a subcommand. */
@Command(name = "image", description = "Pull, load, list and remove images.")
final class ImageCommand {
    private ImageCommand() {}

    static ImageCommand group() {
        return new ImageCommand();
    }

    @Command(name = "pull", description = "Pull an image from its registry.")
    static final class Pull implements Callable<Integer> {
        private final Console console;

        @Mixin private NodeOptions node = new NodeOptions();

        @Parameters(paramLabel = "IMAGE", description = "A reference, such as busybox:1.36.")
        private String reference = "";

        @Option(names = "--user", paramLabel = "NAME", description = "Who pulls.")
        private @Nullable String user;

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                description = "Holds the password; it is not taken from the command line.")
        private @Nullable Path passwordFile;

        Pull(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            var auth = AuthConfig.newBuilder();
            if (user != null) {
                auth.setUsername(user);
            }
            if (passwordFile != null) {
                auth.setPassword(Files.readString(passwordFile).strip());
            }
            String id;
            try (var client = node.connect();
                    var progress = new ProgressView(console, "pulling " + reference)) {
                id = client.pull(reference, auth.build(), progress);
            }
            console.line(id);
            return ExitCode.OK;
        }
    }

    @Command(name = "load", description = "Load the images of an OCI archive or of docker save.")
    static final class Load implements Callable<Integer> {
        private static final int GZIP_MAGIC = 0x1f8b;

        private final Console console;

        @Mixin private NodeOptions node = new NodeOptions();

        @Parameters(
                paramLabel = "ARCHIVE",
                description = "A tar, also gzipped; - reads standard input.")
        private String archive = "";

        Load(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            try (var client = node.connect();
                    var progress = new ProgressView(console, "loading " + archive);
                    var bytes = open()) {
                for (var image : client.load(bytes, progress)) {
                    console.line(image.getId() + " " + String.join(" ", image.getTagsList()));
                }
            } catch (NoSuchFileException _) {
                throw new CliException(ExitCode.NOT_FOUND, archive + ": no such file");
            }
            return ExitCode.OK;
        }

        private InputStream open() throws IOException {
            var raw = archive.equals("-") ? System.in : Files.newInputStream(Path.of(archive));
            var in = new BufferedInputStream(raw, 1 << 16);
            in.mark(2);
            int magic = in.read() << 8 | in.read();
            in.reset();
            return magic == GZIP_MAGIC ? new GZIPInputStream(in, 1 << 16) : in;
        }
    }

    @Command(name = "ls", description = "List images.")
    static final class Ls implements Callable<Integer> {
        private final Console console;

        @Mixin private NodeOptions node = new NodeOptions();
        @Mixin private ListOptions list = new ListOptions();

        Ls(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            var table = new Table("IMAGE", "ID", "SIZE", "PINNED");
            try (var client = node.connect()) {
                for (var image : client.images()) {
                    var names =
                            image.getRepoTagsList().isEmpty()
                                    ? image.getRepoDigestsList()
                                    : image.getRepoTagsList();
                    table.add(
                            List.of(
                                    names.isEmpty() ? "<none>" : String.join(", ", names),
                                    Targets.shortId(image.getId()),
                                    Sizes.bytes(image.getSize()),
                                    image.getPinned() ? "yes" : "no"),
                            Map.of(
                                    "id",
                                    image.getId(),
                                    "tags",
                                    List.copyOf(image.getRepoTagsList()),
                                    "digests",
                                    List.copyOf(image.getRepoDigestsList()),
                                    "sizeBytes",
                                    image.getSize(),
                                    "pinned",
                                    image.getPinned()));
                }
            }
            console.line(table.render(list.format()));
            return ExitCode.OK;
        }
    }

    @Command(name = "rm", description = "Remove images with all their names.")
    static final class Rm implements Callable<Integer> {
        private final Console console;

        @Mixin private NodeOptions node = new NodeOptions();

        @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "References or ids.")
        private List<String> references = List.of();

        Rm(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            try (var client = node.connect()) {
                for (var reference : references) {
                    var image =
                            client.image(reference)
                                    .orElseThrow(
                                            () ->
                                                    new CliException(
                                                            ExitCode.NOT_FOUND,
                                                            "image %s: not here"
                                                                    .formatted(reference)));
                    client.removeImage(image.getId());
                    console.line("image %s: removed".formatted(reference));
                }
            }
            return ExitCode.OK;
        }
    }
}
