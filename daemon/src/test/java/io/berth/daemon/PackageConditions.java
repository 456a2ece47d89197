package io.berth.daemon;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** Conditions that depend on where a class resides. */
final class PackageConditions {
    /** Who may import whom: a package imports those of the lines above it. */
    private static final List<Set<String>> SANDBOX =
            List.of(
                    Set.of(""),
                    Set.of("wire", "request", "claim", "exit"),
                    Set.of("record"),
                    Set.of("sandbox"),
                    Set.of("container"),
                    Set.of("settings"),
                    Set.of("runtime"),
                    Set.of("cdi"),
                    Set.of("security"),
                    Set.of("shim", "spec", "event", "stats", "checkpoint", "output"),
                    Set.of("resource", "folder", "criu"),
                    Set.of("logs", "nri"),
                    Set.of("operation"),
                    Set.of("recovery", "network", "salvage"));

    private static final Set<String> SAY_NOTHING =
            Set.of("util", "common", "helper", "manager", "impl", "base");

    private PackageConditions() {}

    static ArchCondition<JavaClass> importOnlyTheirModules(String root) {
        return condition(
                "import only the modules that theirs may",
                (each, violation) -> {
                    var module = BerthModule.of(root, each.getPackageName());
                    if (module.isEmpty()) {
                        violation.accept(each.getName() + " is in a package of no module");
                        return;
                    }
                    for (var dependency : each.getDirectDependenciesFromSelf()) {
                        var target = dependency.getTargetClass().getBaseComponentType();
                        var other = BerthModule.of(root, target.getPackageName());
                        if (other.isPresent() && !module.get().mayImport(other.get())) {
                            violation.accept(
                                    "%s does not import %s: %s"
                                            .formatted(
                                                    module.get().folder(),
                                                    other.get().folder(),
                                                    dependency.getDescription()));
                        }
                    }
                });
    }

    static ArchCondition<JavaClass> keepTheOrderOfSandbox(String sandbox) {
        return condition(
                "import only packages before theirs",
                (each, violation) -> {
                    var own = part(sandbox, each);
                    int level = level(own);
                    if (level < 0) {
                        violation.accept(each.getName() + " is in a package without a place");
                        return;
                    }
                    for (var dependency : each.getDirectDependenciesFromSelf()) {
                        var target = dependency.getTargetClass().getBaseComponentType();
                        if (!(target.getPackageName() + ".").startsWith(sandbox + ".")) {
                            continue;
                        }
                        var other = part(sandbox, target);
                        if (!other.equals(own) && level(other) >= level) {
                            violation.accept(
                                    "sandbox.%s does not import .%s: %s"
                                            .formatted(own, other, dependency.getDescription()));
                        }
                    }
                });
    }

    private static String part(String sandbox, JavaClass each) {
        var below = each.getPackageName().substring(sandbox.length());
        return below.isEmpty() ? "" : below.substring(1).split("\\.", -1)[0];
    }

    private static int level(String part) {
        for (int i = 0; i < SANDBOX.size(); i++) {
            if (SANDBOX.get(i).contains(part)) {
                return i;
            }
        }
        return -1;
    }

    static ArchCondition<JavaClass> haveNamesThatSaySomething(String root) {
        return condition(
                "have names that say something",
                (each, violation) -> {
                    var below = each.getPackageName().substring(root.length());
                    var words =
                            Stream.concat(
                                    Stream.of(below.split("\\.", -1)),
                                    Stream.of(each.getSimpleName().split("(?=[A-Z])|-", -1)));
                    words.map(word -> word.toLowerCase(Locale.ROOT))
                            .filter(PackageConditions::saysNothing)
                            .forEach(
                                    word ->
                                            violation.accept(
                                                    "%s: found '%s' in the name, wanted what it is"
                                                            .formatted(each.getName(), word)));
                });
    }

    private static boolean saysNothing(String word) {
        return SAY_NOTHING.stream().anyMatch(each -> word.equals(each) || word.equals(each + "s"));
    }

    /** A package may have its mark among the tested classes or among their tests. */
    static ArchCondition<JavaClass> resideInAMarkedPackage() {
        return new ArchCondition<>("reside in a package whose package-info has @NullMarked") {
            private final Set<String> found = new HashSet<>();
            private final Set<String> marked = new HashSet<>();

            @Override
            public void check(JavaClass each, ConditionEvents events) {
                found.add(each.getPackageName());
                if (each.getSimpleName().equals("package-info")
                        && each.isAnnotatedWith(NullMarked.class)) {
                    marked.add(each.getPackageName());
                }
            }

            @Override
            public void finish(ConditionEvents events) {
                found.stream()
                        .filter(each -> !marked.contains(each))
                        .sorted()
                        .map(each -> "package " + each + " has no package-info with @NullMarked")
                        .forEach(each -> events.add(SimpleConditionEvent.violated(each, each)));
            }
        };
    }

    private static ArchCondition<JavaClass> condition(
            String description, BiConsumer<JavaClass, Consumer<String>> check) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass each, ConditionEvents events) {
                check.accept(
                        each, message -> events.add(SimpleConditionEvent.violated(each, message)));
            }
        };
    }
}
