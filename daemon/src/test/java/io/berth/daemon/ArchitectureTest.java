package io.berth.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of ARCHITECTURE.md and CONTRIBUTING.md that a machine can check, over the class folders
 * and sources of every module. Each rule is also held against a planted violation.
 */
final class ArchitectureTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final String ROOT = "io.berth";
    private static final String PLANTED = "io.berth.daemon.planted";
    private static final Pattern MODULE = Pattern.compile("<module>([a-z0-9-]+)</module>");

    private static final int CLASSES_AT_LEAST = 1800;
    private static final int FILES_AT_LEAST = 550;
    private static final int FILE_LINES = 600;
    private static final int FILE_LINES_EXPLAINED = 400;
    private static final int METHOD_LINES = 70;

    private static final ClassFolders FOLDERS = ClassFolders.read(REPOSITORY);
    private static final JavaClasses PLANTED_CLASSES =
            new ClassFileImporter().importPackages(PLANTED);

    @TempDir private Path folder = Path.of("");

    @Test
    void everyModuleIsAnalysed() throws IOException {
        var pom = Files.readString(REPOSITORY.resolve("pom.xml"));
        var known = Arrays.stream(BerthModule.values()).map(BerthModule::folder).toList();
        for (var module : MODULE.matcher(pom).results().map(match -> match.group(1)).toList()) {
            if (!SourceSizes.of(REPOSITORY.resolve(module)).isEmpty()) {
                assertThat(known).as("modules with Java in them").contains(module);
            }
        }
        FOLDERS.compiled()
                .forEach(
                        (module, classes) -> {
                            assertThat(classes.size())
                                    .as("classes of %s", module.folder())
                                    .isGreaterThanOrEqualTo(module.classesAtLeast());
                            assertThat(classes)
                                    .as("classes in the packages of %s", module.folder())
                                    .allMatch(
                                            each ->
                                                    BerthModule.of(ROOT, each.getPackageName())
                                                            .filter(module::equals)
                                                            .isPresent());
                        });
        assertThat(FOLDERS.main()).hasSizeGreaterThanOrEqualTo(CLASSES_AT_LEAST);
        for (var module : BerthModule.values()) {
            if (module != BerthModule.TEST_E2E) {
                assertThat(FOLDERS.compiled()).as("compiled modules").containsKey(module);
            }
        }
    }

    /** A rule, and the class below the planted package that must not pass it. */
    static Stream<Arguments> rulesOfMainClasses() {
        return Stream.of(
                rule(ArchitectureRules::modulesImportOnlyWhatTheyMay, "storage.ImportsTheDaemon"),
                rule(
                        ArchitectureRules::packagesOfSandboxKeepTheirOrder,
                        "sandbox.sandbox.ImportsContainers"),
                rule(ArchitectureRules::sandboxNeverSeesAService, "sandbox.operation.SeesAService"),
                rule(ArchitectureRules::noCyclesBetweenPackages, "cni.two.Back"),
                rule(ArchitectureRules::nativeCodeOnlyInLinux, "cni.CallsNativeCode"),
                rule(ArchitectureRules::jsonIsReadWithinLimits, "cni.ReadsJson"),
                rule(ArchitectureRules::grpcOnlyAtTheEdges, "sandbox.operation.KnowsGrpc"),
                rule(ArchitectureRules::statusesOnlyFromTheMapper, "daemon.cri.NamesACode"),
                rule(ArchitectureRules::nothingPrints, "cni.Prints"),
                rule(ArchitectureRules::nothingThrowsWhatNobodyCanTell, "cni.ThrowsAnything"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("rulesOfMainClasses")
    void mainClassesKeepEachRule(Function<ArchitectureRules, ArchRule> rule, String planted) {
        rule.apply(new ArchitectureRules(ROOT)).allowEmptyShould(true).check(FOLDERS.main());
    }

    /** The same of rules that hold for tests too. */
    static Stream<Arguments> rulesOfAllClasses() {
        return Stream.of(
                rule(ArchitectureRules::namesSayWhatThingsAre, "cni.PodHelper"),
                rule(ArchitectureRules::namesSayWhatThingsAre, "cni.common.Thing"),
                rule(ArchitectureRules::packagesSayWhatTheyAre, "cni.bare"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("rulesOfAllClasses")
    void allClassesKeepEachRule(Function<ArchitectureRules, ArchRule> rule, String planted) {
        rule.apply(new ArchitectureRules(ROOT)).check(FOLDERS.all());
    }

    /** The same of rules that hold for tests alone. */
    static Stream<Arguments> rulesOfTests() {
        return Stream.of(rule(ArchitectureRules::nothingSleeps, "cni.Sleeps"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("rulesOfTests")
    void testsKeepEachRule(Function<ArchitectureRules, ArchRule> rule, String planted) {
        rule.apply(new ArchitectureRules(ROOT)).check(FOLDERS.tests());
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource({"rulesOfMainClasses", "rulesOfAllClasses", "rulesOfTests"})
    void eachRuleFindsWhatIsPlanted(Function<ArchitectureRules, ArchRule> rule, String planted) {
        var result = rule.apply(new ArchitectureRules(PLANTED)).evaluate(PLANTED_CLASSES);
        assertThat(result.hasViolation()).isTrue();
        assertThat(result.getFailureReport().toString()).contains(PLANTED + "." + planted);
    }

    @Test
    void filesAndMethodsFitInAHead() throws IOException {
        var files = new ArrayList<Path>();
        for (var module : BerthModule.values()) {
            files.addAll(SourceSizes.of(REPOSITORY.resolve(module.folder())));
        }
        assertThat(files).hasSizeGreaterThanOrEqualTo(FILES_AT_LEAST);
        assertThat(tooLong(REPOSITORY, files, Ratchet.read())).isEmpty();
    }

    @Test
    void aLongFileAndALongMethodAreFound() throws IOException {
        var file = plant("Long.java", 350);
        assertThat(tooLong(folder, List.of(file), Ratchet.of(List.of())))
                .containsExactly("Long.java#run: found 352 lines, wanted 70");
        plant("Long.java", 420);
        assertThat(tooLong(folder, List.of(file), Ratchet.of(List.of())))
                .containsExactly(
                        "Long.java: found 424 lines, wanted 400",
                        "Long.java#run: found 422 lines, wanted 70");
    }

    @Test
    void anExceptionHoldsForItsSizeAndNoLongerThanItIsNeeded() throws IOException {
        var file = plant("Long.java", 420);
        var ratchet = Ratchet.of(List.of("Long.java 424: why", "Long.java#run 421: why"));
        assertThat(tooLong(folder, List.of(file), ratchet))
                .containsExactly("Long.java#run: found 422 lines, wanted 421");
        plant("Long.java", 10);
        assertThat(tooLong(folder, List.of(file), ratchet))
                .containsExactlyInAnyOrder(
                        "Long.java: needs no exception any more",
                        "Long.java#run: needs no exception any more");
        plant("Long.java", 600);
        var generous = Ratchet.of(List.of("Long.java 700: why", "Long.java#run 700: why"));
        assertThat(tooLong(folder, List.of(file), generous))
                .containsExactly("Long.java: found 604 lines, wanted 600");
    }

    private Path plant(String name, int statements) throws IOException {
        return Files.writeString(
                folder.resolve(name),
                "class Long {\n    void run() {\n"
                        + "        run();\n".repeat(statements)
                        + "    }\n}\n");
    }

    private static List<String> tooLong(Path above, List<Path> files, Ratchet ratchet)
            throws IOException {
        var sizes = new TreeMap<String, Integer>();
        SourceSizes.files(above, files).forEach(sizes::put);
        SourceSizes.methods(above, files).forEach(sizes::put);
        var problems = new ArrayList<String>();
        for (Map.Entry<String, Integer> each : sizes.entrySet()) {
            var name = each.getKey();
            boolean method = name.contains("#");
            int limit = ratchet.limit(name).orElse(method ? METHOD_LINES : FILE_LINES_EXPLAINED);
            if (!method) {
                limit = Math.min(limit, FILE_LINES);
            }
            if (each.getValue() > limit) {
                problems.add(
                        "%s: found %d lines, wanted %d".formatted(name, each.getValue(), limit));
            }
        }
        for (var name : ratchet.names()) {
            int limit = name.contains("#") ? METHOD_LINES : FILE_LINES_EXPLAINED;
            if (sizes.getOrDefault(name, 0) <= limit) {
                problems.add(name + ": needs no exception any more");
            }
        }
        return problems;
    }

    private static Arguments rule(Function<ArchitectureRules, ArchRule> rule, String planted) {
        return Arguments.of(rule, planted);
    }
}
