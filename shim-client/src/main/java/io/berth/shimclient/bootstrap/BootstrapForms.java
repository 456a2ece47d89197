package io.berth.shimclient.bootstrap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.berth.linux.Processes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Knows the {@link BootstrapForm} of each shim program, and remembers it for as long as the file
 * has the same inode, size and time of change.
 *
 * <p>A program that can read BootstrapParams contains the message's description, whatever its
 * version says and whoever built it; measured with containerd's shims 1.6.20, 2.1.9 and 2.3.4. A
 * program without it may be a script that runs another program, so it is asked for its version with
 * {@code -v}: containerd's library prints its own there.
 */
public final class BootstrapForms {
    private static final Logger LOG = System.getLogger(BootstrapForms.class.getName());

    /** The package of BootstrapParams, as generated code describes it. */
    static final byte[] MARK = "containerd.runtime.bootstrap.v1".getBytes(ISO_8859_1);

    private static final Pattern VERSION =
            Pattern.compile("(?m)^\\s+Version:\\s+v?(\\d{1,4})\\.(\\d{1,4})\\b");
    private static final int FIRST_MAJOR = 2;
    private static final int FIRST_MINOR = 3;
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final int MAX_ANSWER_BYTES = 16 << 10;
    private static final int READ_BYTES = 1 << 20;

    /** A program is some 15 MB; what is longer is no shim and is asked for its version. */
    private static final long MAX_SCANNED_BYTES = 256L << 20;

    private final Processes processes;
    private final Map<Path, Known> known = new ConcurrentHashMap<>();

    /** The form of a program, and the file that it was found in. */
    private record Known(
            @Nullable Object inode, FileTime modified, long sizeBytes, BootstrapForm form) {
        boolean isOf(BasicFileAttributes now) {
            return Objects.equals(inode, now.fileKey())
                    && modified.equals(now.lastModifiedTime())
                    && sizeBytes == now.size();
        }
    }

    public BootstrapForms(Processes processes) {
        this.processes = processes;
    }

    /**
     * Returns the form that a program speaks. Needs an open step, as the program may have to be
     * run.
     *
     * @throws IOException if there is no program of that name, or it cannot be read
     */
    public BootstrapForm of(Path program, Map<String, String> environment) throws IOException {
        var now = Files.readAttributes(program, BasicFileAttributes.class);
        var before = known.get(program);
        if (before != null && before.isOf(now)) {
            return before.form();
        }
        var form = find(program, now.size(), environment);
        keep(program, now, form);
        return form;
    }

    /** Corrects the form of a program, as its own answer shows it. */
    public void learned(Path program, BootstrapForm form) {
        try {
            keep(program, Files.readAttributes(program, BasicFileAttributes.class), form);
        } catch (IOException gone) {
            forget(program);
        }
    }

    private void keep(Path program, BasicFileAttributes now, BootstrapForm form) {
        known.put(program, new Known(now.fileKey(), now.lastModifiedTime(), now.size(), form));
        LOG.log(
                Logger.Level.INFO,
                "shim {0} is started with {1}",
                program,
                switch (form) {
                    case PARAMS -> "BootstrapParams, as shims since containerd 2.3";
                    case OPTIONS -> "its options alone, as shims before containerd 2.3";
                });
    }

    /** Looks at a program again at its next start: a script may run another program by then. */
    public void forget(Path program) {
        known.remove(program);
    }

    private BootstrapForm find(Path program, long sizeBytes, Map<String, String> environment)
            throws IOException {
        if (sizeBytes <= MAX_SCANNED_BYTES && contains(program, MARK)) {
            return BootstrapForm.PARAMS;
        }
        try {
            var done =
                    processes.run(
                            new Processes.Launch(
                                    List.of(program.toString(), "-v"),
                                    Path.of("/"),
                                    environment,
                                    new byte[0],
                                    ANSWER,
                                    MAX_ANSWER_BYTES));
            return byVersion(done.stdoutText() + "\n" + done.stderrText());
        } catch (InterruptedIOException ours) {
            throw ours;
        } catch (IOException silent) {
            LOG.log(Logger.Level.DEBUG, "shim {0} -v: {1}", program, silent.getMessage());
            return BootstrapForm.OPTIONS;
        }
    }

    /** The form of containerd's library of a version, from its answer to {@code -v}. */
    static BootstrapForm byVersion(String answer) {
        var found = VERSION.matcher(answer);
        if (!found.find()) {
            return BootstrapForm.OPTIONS;
        }
        int major = Integer.parseInt(found.group(1));
        int minor = Integer.parseInt(found.group(2));
        return major > FIRST_MAJOR || (major == FIRST_MAJOR && minor >= FIRST_MINOR)
                ? BootstrapForm.PARAMS
                : BootstrapForm.OPTIONS;
    }

    /** Whether a file contains some bytes; reads it in pieces that overlap. */
    static boolean contains(Path file, byte[] wanted) throws IOException {
        var buffer = new byte[READ_BYTES + wanted.length];
        var text = new String(wanted, ISO_8859_1);
        try (var in = Files.newInputStream(file)) {
            int kept = 0;
            while (true) {
                int read = in.readNBytes(buffer, kept, buffer.length - kept);
                int filled = kept + read;
                if (new String(buffer, 0, filled, ISO_8859_1).contains(text)) {
                    return true;
                }
                if (filled < buffer.length) {
                    return false;
                }
                kept = wanted.length - 1;
                System.arraycopy(buffer, filled - kept, buffer, 0, kept);
            }
        }
    }
}
