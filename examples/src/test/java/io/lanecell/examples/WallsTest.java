package io.lanecell.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is there to be copied uses the public API alone, read off the compiled classes. */
class WallsTest {
    private static final Predicate<String> ALLOWED = Pattern
            .compile(
                    "io/lanecell/(examples/)?\\w+|io/lanecell/loader/\\w+|java/(lang|util)/.*|java/io/PrintStream|java/nio/file/Path")
            .asMatchPredicate();

    @Test
    void theExamplesNameTheRuntimesAndLoadersApiAndOpenNoFilesThemselves() throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("target/classes"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
                ClassFile.of().parse(file).constantPool().forEach(entry -> {
                    if (entry instanceof ClassEntry type && !type.asInternalName().startsWith("[")) {
                        named.add(type.asInternalName().replace('$', '_'));
                    }
                });
            }
        }
        assertTrue(named.contains("io/lanecell/Session"), "the classes were found");
        assertEquals(Set.of(), named.stream().filter(ALLOWED.negate()).collect(Collectors.toSet()));
    }
}
