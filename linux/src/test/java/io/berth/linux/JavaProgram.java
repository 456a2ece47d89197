package io.berth.linux;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Runs a main class of the tests in a process of its own. */
final class JavaProgram {
    private JavaProgram() {}

    static Processes.Completed run(Class<?> main, Path netns, Path directory) throws IOException {
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx64m",
                        "-Djdk.virtualThreadScheduler.parallelism=64",
                        "-cp",
                        System.getProperty(
                                "surefire.test.class.path", System.getProperty("java.class.path")),
                        main.getName(),
                        netns.toString());
        var launch =
                new Processes.Launch(
                        command, directory, Map.of(), new byte[0], Duration.ofSeconds(60), 1 << 20);
        return Steps.run("test.java", main.getName(), () -> new Processes().run(launch));
    }
}
