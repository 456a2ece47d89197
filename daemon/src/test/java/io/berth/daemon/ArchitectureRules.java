package io.berth.daemon;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What class files can show of the architecture, for classes below one root package: the real one,
 * or one that repeats its packages with a violation of each rule.
 */
final class ArchitectureRules {
    private static final Set<String> GENERIC =
            Set.of(
                    "java.lang.Throwable",
                    "java.lang.Exception",
                    "java.lang.Error",
                    "java.lang.RuntimeException");

    private final String root;
    private final String[] generated;

    ArchitectureRules(String root) {
        this.root = root;
        this.generated =
                new String[] {
                    root + ".cri..",
                    root + ".proxy..",
                    root + ".shim..",
                    root + ".nri..",
                    root + ".admin.."
                };
    }

    ArchRule modulesImportOnlyWhatTheyMay() {
        return classes()
                .should(PackageConditions.importOnlyTheirModules(root))
                .because("ARCHITECTURE.md draws the arrows between modules");
    }

    ArchRule packagesOfSandboxKeepTheirOrder() {
        return classes()
                .that()
                .resideInAPackage(root + ".sandbox..")
                .should(PackageConditions.keepTheOrderOfSandbox(root + ".sandbox"));
    }

    ArchRule sandboxNeverSeesAService() {
        return noClasses()
                .that()
                .resideInAPackage(root + ".sandbox..")
                .should()
                .dependOnClassesThat(
                        named(
                                "are generated services",
                                each ->
                                        each.getPackageName().startsWith(root + ".")
                                                && each.getName().matches(".*Grpc(\\$.*)?")))
                .because("sandbox takes the CRI's messages; its services are the daemon's");
    }

    ArchRule noCyclesBetweenPackages() {
        var packages =
                new SliceAssignment() {
                    @Override
                    public SliceIdentifier getIdentifierOf(JavaClass each) {
                        return each.getPackageName().startsWith(root)
                                ? SliceIdentifier.of(each.getPackageName())
                                : SliceIdentifier.ignore();
                    }

                    @Override
                    public String getDescription() {
                        return "packages";
                    }
                };
        return slices().assignedFrom(packages).should().beFreeOfCycles();
    }

    ArchRule nativeCodeOnlyInLinux() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".linux..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .because("linux is the one door to the kernel");
    }

    /** Records of the store are read by their own mapper: nobody else writes them. */
    ArchRule jsonIsReadWithinLimits() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(
                        root + ".linux.foreign..", root + ".storage.metadata..", root + ".e2e..")
                .should()
                .accessTargetWhere(
                        access(
                                "reads JSON without limits",
                                each ->
                                        each.getTargetOwner()
                                                        .getName()
                                                        .startsWith("com.fasterxml.jackson.")
                                                && Set.of("readTree", "readValue", "createParser")
                                                        .contains(each.getTarget().getName())))
                .because("ForeignJson applies the limits before it takes the memory");
    }

    private static final String WATCHERS_OF_CALLS =
            ".*\\.(RpcMetrics|CallMemory|UnfinishedCalls)(\\$.*)?";

    ArchRule grpcOnlyAtTheEdges() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(generated)
                .and()
                .resideOutsideOfPackages(
                        root + ".daemon.cri..", root + ".storage.proxy..", root + ".e2e..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.grpc..");
    }

    /** Watchers of calls override methods that are told the status, and make none. */
    ArchRule statusesOnlyFromTheMapper() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(generated)
                .and()
                .resideOutsideOfPackages(root + ".daemon.cri.client..", root + ".e2e..")
                .and()
                .doNotHaveSimpleName("StatusMapper")
                .and(
                        named(
                                "do not watch calls",
                                each -> !each.getName().matches(WATCHERS_OF_CALLS)))
                .should()
                .dependOnClassesThat(
                        named(
                                "are io.grpc.Status",
                                each -> each.getName().matches("io\\.grpc\\.Status(\\$.*)?")))
                .because("failures become codes in one place");
    }

    /** Console is where the command line prints; test-e2e's Print is where its runner does. */
    ArchRule nothingPrints() {
        return noClasses()
                .that(
                        named(
                                "are neither the CLI's Console nor test-e2e's Print",
                                each ->
                                        !(inside(each, "daemon.cli")
                                                        && each.getSimpleName().equals("Console"))
                                                && !(inside(each, "e2e.run")
                                                        && each.getSimpleName().equals("Print"))))
                .should()
                .accessTargetWhere(
                        access(
                                "is System.out or System.err",
                                each ->
                                        each.getTargetOwner().isEquivalentTo(System.class)
                                                && Set.of("out", "err")
                                                        .contains(each.getTarget().getName())));
    }

    ArchRule nothingThrowsWhatNobodyCanTell() {
        return noClasses()
                .that()
                .resideOutsideOfPackages(generated)
                .should()
                .accessTargetWhere(
                        access(
                                "makes a generic exception",
                                each ->
                                        each.getTarget().getName().equals("<init>")
                                                && GENERIC.contains(each.getTargetOwner().getName())
                                                && !ofItsParent(each)));
    }

    ArchRule namesSayWhatThingsAre() {
        return classes()
                .that()
                .resideOutsideOfPackages(generated)
                .should(PackageConditions.haveNamesThatSaySomething(root));
    }

    ArchRule packagesSayWhatTheyAre() {
        return classes().should(PackageConditions.resideInAMarkedPackage());
    }

    ArchRule nothingSleeps() {
        return noClasses()
                .should()
                .accessTargetWhere(
                        access(
                                "is a sleep",
                                each ->
                                        each.getTarget().getName().equals("sleep")
                                                && each.getTargetOwner()
                                                        .getPackageName()
                                                        .startsWith("java.")))
                .because("a test that sleeps is slow, or fails on a slower machine");
    }

    private boolean inside(JavaClass each, String packageName) {
        return (each.getPackageName() + ".").startsWith(root + "." + packageName + ".");
    }

    private static boolean ofItsParent(JavaAccess<?> access) {
        return access.getOrigin().getName().equals("<init>")
                && access.getOriginOwner()
                        .getRawSuperclass()
                        .filter(access.getTargetOwner()::equals)
                        .isPresent();
    }

    private static DescribedPredicate<JavaClass> named(
            String description, Predicate<JavaClass> predicate) {
        return describe(description, predicate);
    }

    private static DescribedPredicate<JavaAccess<?>> access(
            String description, Predicate<JavaAccess<?>> predicate) {
        return describe(description, predicate);
    }
}
