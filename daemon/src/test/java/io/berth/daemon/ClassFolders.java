package io.berth.daemon;

import static com.tngtech.archunit.base.DescribedPredicate.describe;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The classes of a checkout, as its build has left them in the modules' folders.
 *
 * @param compiled by module; test-e2e is built after daemon, and missing where it is not built
 * @param main those of all modules, of which test-e2e has nothing but tests
 * @param tests of all modules, without what is planted
 */
record ClassFolders(
        Map<BerthModule, JavaClasses> compiled,
        JavaClasses main,
        JavaClasses tests,
        JavaClasses all) {
    static ClassFolders read(Path repository) {
        var main = new EnumMap<BerthModule, Path>(BerthModule.class);
        var tests = new ArrayList<Path>();
        for (var module : BerthModule.values()) {
            var folder = module.classes(repository);
            if (Files.isDirectory(folder)) {
                main.put(module, folder);
            }
            var testFolder = folder.resolveSibling("test-classes");
            if (Files.isDirectory(testFolder)) {
                tests.add(testFolder);
            }
        }
        var folders = new ArrayList<>(tests);
        folders.addAll(main.values());
        var all =
                new ClassFileImporter()
                        .withImportOption(each -> !each.contains("/planted/"))
                        .importPaths(folders);
        var compiled = new EnumMap<BerthModule, JavaClasses>(BerthModule.class);
        main.forEach((module, folder) -> compiled.put(module, in(all, List.of(folder))));
        return new ClassFolders(compiled, in(all, List.copyOf(main.values())), in(all, tests), all);
    }

    private static JavaClasses in(JavaClasses all, List<Path> folders) {
        return all.that(
                describe(
                        "are in " + folders,
                        (JavaClass each) ->
                                each.getSource()
                                        .map(source -> Path.of(source.getUri()))
                                        .filter(file -> folders.stream().anyMatch(file::startsWith))
                                        .isPresent()));
    }
}
