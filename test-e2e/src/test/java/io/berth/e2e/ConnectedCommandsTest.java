package io.berth.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The command's exec, attach and port-forward, by pipes and at a terminal that script(1) makes. */
class ConnectedCommandsTest extends NodeTest {
    private static final Pattern LISTENS =
            Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+) -> 8080");

    private Path folder() throws IOException {
        return Files.createDirectories(node.folders().top().resolve("terminal"));
    }

    private List<String> berth(String... arguments) throws IOException {
        var command = new ArrayList<>(BerthUnderTest.program());
        command.add(arguments[0]);
        command.addAll(List.of("--socket", node.folders().socket().toString()));
        command.addAll(List.of(arguments).subList(1, arguments.length));
        return command;
    }

    private static String quoted(List<String> command) {
        var words = command.stream().map(word -> "'" + word.replace("'", "'\\''") + "'").toList();
        return String.join(" ", words);
    }

    private record Pod(String sandbox, String container) {}

    private Pod running(String script) throws IOException {
        var pod = kubelet.pod().build();
        var sandbox = kubelet.run(pod);
        var config = kubelet.shell("c", script).setStdin(true).build();
        return new Pod(sandbox, kubelet.launch(sandbox, pod, config));
    }

    private static Process start(List<String> command, Path output) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static int ended(Process process) throws IOException {
        try {
            if (process.waitFor(Kubelet.SOON.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new AssertionError("command: still runs, wanted its end");
    }

    private static void type(Process process, String keys) throws IOException {
        process.getOutputStream().write(keys.getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    private static void await(Path output, String text) throws IOException {
        Waiting.until(
                "\"" + text + "\" in " + output,
                Kubelet.SOON,
                () -> Files.exists(output) && Files.readString(output).contains(text),
                () -> read(output));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException missing) {
            return missing.toString();
        }
    }

    @Test
    void inputOutputAndCodePassThroughPipes() throws IOException {
        var pod = running("exec sleep 9999999");
        var output = folder().resolve("pipes");
        var script = "wc -c; echo err >&2; exit 7";
        var process = start(berth("exec", "-i", pod.container(), "sh", "-c", script), output);
        process.getOutputStream().write(new byte[200_000]);
        process.getOutputStream().close();
        assertThat(ended(process)).as(read(output)).isEqualTo(7);
        assertThat(read(output)).contains("200000\n").contains("err\n");
        var none = start(berth("exec", "-i", pod.container(), "/no/such"), output);
        assertThat(ended(none)).isEqualTo(1);
        assertThat(read(output)).contains("/no/such");
        var both = berth("exec", "-i", "--timeout", "3", pod.container(), "true");
        assertThat(ended(start(both, output))).isEqualTo(2);
    }

    /** A shell at a terminal of its own: sets its size, runs berth, and tells how it found it. */
    private Process terminal(Path output, List<String> command) throws IOException {
        var shell =
                "stty rows 30 cols 100; stty -g > %1$s/before; tty > %1$s/tty; echo $$ > %1$s/shell; %2$s; echo code $?; stty -g > %1$s/after"
                        .formatted(folder(), quoted(command));
        return start(List.of("script", "-qec", shell, "/dev/null"), output);
    }

    private void terminalIsAsBefore() throws IOException {
        assertThat(folder().resolve("after")).hasSameTextualContentAs(folder().resolve("before"));
    }

    @Test
    void aTerminalIsPassedThroughAndRestored() throws IOException {
        var pod = running("exec sleep 9999999");
        var output = folder().resolve("passed");
        var script =
                "until [ \"$(stty size)\" = '30 100' ]; do usleep 20000; done; echo first size;"
                        + " until [ \"$(stty size)\" = '41 121' ]; do usleep 20000; done; echo second"
                        + " size; read a; echo got $a; exit 5";
        var process = terminal(output, berth("exec", "-it", pod.container(), "sh", "-c", script));
        await(output, "first size");
        var resize =
                List.of(
                        "stty",
                        "-F",
                        read(folder().resolve("tty")).strip(),
                        "rows",
                        "41",
                        "cols",
                        "121");
        assertThat(ended(start(resize, folder().resolve("stty")))).isZero();
        await(output, "second size");
        type(process, "words\r");
        await(output, "code 5");
        assertThat(ended(process)).isZero();
        assertThat(read(output)).contains("got words");
        terminalIsAsBefore();
    }

    @Test
    void keysOfSignalsGoToTheCommand() throws IOException {
        var pod = running("exec sleep 9999999");
        var output = folder().resolve("keys");
        var script =
                "trap 'echo interrupted; exit 6' INT; echo begun; while :; do usleep 20000; done";
        var process = terminal(output, berth("exec", "-it", pod.container(), "sh", "-c", script));
        await(output, "begun");
        type(process, "\u0003");
        await(output, "code 6");
        assertThat(ended(process)).isZero();
        assertThat(read(output)).contains("interrupted");
        terminalIsAsBefore();
    }

    @Test
    void aSignalRestoresTheTerminal() throws IOException {
        var pod = running("exec sleep 9999999");
        var output = folder().resolve("signal");
        var process =
                terminal(
                        output,
                        berth(
                                "exec",
                                "-it",
                                pod.container(),
                                "sh",
                                "-c",
                                "echo begun; sleep 765432"));
        await(output, "begun");
        long shell = Long.parseLong(read(folder().resolve("shell")).strip());
        var berth = ProcessHandle.of(shell).orElseThrow().children().findFirst().orElseThrow();
        berth.destroy();
        await(output, "code 143");
        assertThat(ended(process)).isZero();
        terminalIsAsBefore();
        Waiting.until(
                "an end of the command",
                Kubelet.SOON,
                () ->
                        !kubelet.exec(pod.container(), "ps")
                                .getStdout()
                                .toStringUtf8()
                                .contains("765432"));
    }

    @Test
    void aContainerIsAttachedTo() throws IOException {
        var pod = running("while read a; do echo got $a; done");
        var output = folder().resolve("attach");
        var process = start(berth("attach", "-i", pod.container()), output);
        type(process, "one\n");
        await(output, "got one");
        process.getOutputStream().close();
        assertThat(ended(process)).as(read(output)).isZero();
    }

    @Test
    void portsAreForwarded() throws IOException {
        var pod = running("nc -ll -p 8080 -e cat");
        var output = folder().resolve("ports");
        var process = start(berth("port-forward", pod.sandbox(), ":8080"), output);
        await(output, "Forwarding from");
        var listens = LISTENS.matcher(read(output));
        assertThat(listens.find()).isTrue();
        int port = Integer.parseInt(listens.group(1));
        var text = "x".repeat(100_000) + "end";
        Waiting.until(
                "echo", Kubelet.SOON, () -> echo(port, text).equals(text), () -> read(output));
        process.destroy();
        assertThat(ended(process)).isEqualTo(143);
        assertThat(ended(start(berth("port-forward", pod.sandbox(), "x:1"), output))).isEqualTo(2);
        assertThat(ended(start(berth("port-forward", "none", "1"), output))).isEqualTo(4);
    }

    /** What comes back, once our direction has ended and then the pod's. */
    private static String echo(int port, String text) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) Kubelet.SOON.toMillis());
            socket.getOutputStream().write(text.getBytes(UTF_8));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }
}
