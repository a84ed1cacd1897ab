package io.lanecell.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.benchmarks.compare.Agreement;
import io.lanecell.benchmarks.compare.Cell;
import io.lanecell.benchmarks.compare.Engine;
import io.lanecell.benchmarks.compare.EngineProvider;
import io.lanecell.benchmarks.compare.Geometry;
import io.lanecell.benchmarks.compare.Task;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PeersTest {
    static Stream<Arguments> everyPeerOnSmallCases() {
        List<EngineProvider> peers = List.of(new OnnxRuntimeEngine.Provider(), new LibtorchEngine.Provider(),
                new OneDnnEngine.Provider());
        List<Geometry> cases = Arrays.stream(Cell.values()).flatMap(PeersTest::smallCases).toList();
        return peers.stream().flatMap(peer -> cases.stream().map(geometry -> Arguments.of(peer.name(), peer, geometry)));
    }

    private static Stream<Geometry> smallCases(Cell cell) {
        return Stream.of(new Geometry(cell + " step", cell, 7, 17, 1, 1, 1, 1),
                new Geometry(cell + " step of a batch", cell, 7, 17, 1, 1, 1, 3),
                new Geometry(cell + " sequence", cell, 5, 33, 1, 1, 9, 1), new Geometry(cell + " batch", cell, 16, 32, 1, 1, 5, 4),
                new Geometry(cell + " stack", cell, 6, 8, 3, 1, 7, 2), new Geometry(cell + " bidirectional", cell, 6, 9, 1, 2, 7, 3),
                new Geometry(cell + " bidirectional stack", cell, 12, 16, 2, 2, 11, 1),
                new Geometry(cell + ", all of it", cell, 5, 10, 2, 2, 6, 3));
    }

    @ParameterizedTest(name = "{0}, {2}")
    @MethodSource("everyPeerOnSmallCases")
    void aPeerGivenOurWeightsComputesWhatTheReferenceComputes(String name, EngineProvider peer, Geometry geometry) {
        Task task = new Task(geometry);
        try (Engine engine = peer.open(task, 1)) {
            double error = Agreement.maxAbsError(engine, task, task.expected());
            assertTrue(error <= 2e-6, () -> name + " on " + geometry + " is " + error + " off");
        }
    }
}
