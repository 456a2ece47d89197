package io.berth.daemon;

import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** How long the source files below some folders are, and how long the methods in them. */
final class SourceSizes {
    private SourceSizes() {}

    /** The Java files of a module, not those that its build generates. */
    static List<Path> of(Path module) throws IOException {
        var source = module.resolve("src");
        if (!Files.isDirectory(source)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(source)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }

    /** Lines by file, named from a folder above them. */
    static Map<String, Integer> files(Path above, List<Path> files) throws IOException {
        var sizes = new TreeMap<String, Integer>();
        for (var file : files) {
            sizes.put(above.relativize(file).toString(), Files.readAllLines(file).size());
        }
        return sizes;
    }

    /** Lines from a method's head to its end, by {@code file#method}; the longest of overloads. */
    static Map<String, Integer> methods(Path above, List<Path> files) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var sizes = new TreeMap<String, Integer>();
        try (var manager =
                compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
            var units = manager.getJavaFileObjectsFromPaths(files);
            var options = List.of("-proc:none");
            var task = (JavacTask) compiler.getTask(null, manager, null, options, null, units);
            var positions = Trees.instance(task).getSourcePositions();
            for (var unit : task.parse()) {
                var file = above.relativize(Path.of(unit.getSourceFile().getName())).toString();
                var lines = unit.getLineMap();
                new TreePathScanner<Void, String>() {
                    @Override
                    public Void visitMethod(MethodTree method, String name) {
                        long from = positions.getStartPosition(unit, method);
                        long to = positions.getEndPosition(unit, method);
                        if (from >= 0 && to >= 0) {
                            long length = lines.getLineNumber(to) - lines.getLineNumber(from) + 1;
                            sizes.merge(
                                    name + "#" + method.getName(),
                                    Math.toIntExact(length),
                                    Math::max);
                        }
                        return super.visitMethod(method, name);
                    }
                }.scan(unit, file);
            }
        }
        return sizes;
    }
}
