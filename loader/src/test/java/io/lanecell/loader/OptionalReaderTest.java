package io.lanecell.loader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An application that has Jackson and nothing else beside us. */
class OptionalReaderTest {
    @TempDir
    Path folder;

    private static Object load(Path file) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.contains("protobuf") && !entry.contains("jhdf") && !entry.contains("test-classes")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        try (URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Method load = loader.loadClass(WeightFile.class.getName()).getMethod("load", Path.class);
            return load.invoke(null, file).toString();
        }
    }

    private Path copy(String resource) throws IOException {
        Path file = folder.resolve("file");
        try (var in = getClass().getResourceAsStream(resource)) {
            Files.copy(in, file);
        }
        return file;
    }

    @ParameterizedTest
    @CsvSource({"/keras/layers.keras, io.jhdf:jhdf", "/keras/layers.h5, io.jhdf:jhdf"})
    void withoutJhdfAKerasFileIsRefusedWithTheArtifactsName(String resource, String artifact) throws Exception {
        assertRefused(copy(resource), artifact);
    }

    @Test
    void withoutProtobufAnOnnxModelIsRefusedWithTheArtifactsName() throws Exception {
        byte[] model = ProtoWriter.model(ProtoWriter.graph(5, ProtoWriter.tensor("w", 0, 1)));
        assertRefused(Files.write(folder.resolve("file"), model), "com.google.protobuf:protobuf-javalite");
    }

    @Test
    void jsonAndSafetensorsNeedNeither() throws Exception {
        load(Files.writeString(folder.resolve("a"), "{\"w\": [1, 2]}"));
        SafetensorsWriter.write(folder.resolve("b"), java.util.Map.of(), java.util.Map.of());
        load(folder.resolve("b"));
    }

    private static void assertRefused(Path file, String artifact) {
        Throwable e = assertThrows(InvocationTargetException.class, () -> load(file)).getCause();
        assertEquals(WeightFileException.Unsupported.class.getName(), e.getClass().getName(), e::toString);
        assertTrue(e.getMessage().contains("add " + artifact + " to the application"), e::getMessage);
    }
}
