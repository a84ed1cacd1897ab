package io.lanecell.benchmarks.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.benchmarks.compare.Agreement;
import io.lanecell.benchmarks.compare.Engine;
import io.lanecell.benchmarks.compare.EngineProvider;
import io.lanecell.benchmarks.compare.Geometry;
import io.lanecell.benchmarks.compare.Task;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PeersTest {
    static Stream<Arguments> everyPeerOnSmallCases() {
        List<EngineProvider> peers = List.of(new OnnxRuntimeEngine.Provider(), new LibtorchEngine.Provider(),
                new OneDnnEngine.Provider());
        List<Geometry> cases = List.of(new Geometry("step", 7, 17, 1, 1, 1, 1), new Geometry("step of a batch", 7, 17, 1, 1, 1, 3),
                new Geometry("sequence", 5, 33, 1, 1, 9, 1), new Geometry("batch", 16, 32, 1, 1, 5, 4),
                new Geometry("stack", 6, 8, 3, 1, 7, 2), new Geometry("bidirectional", 6, 9, 1, 2, 7, 3),
                new Geometry("bidirectional stack", 12, 16, 2, 2, 11, 1), new Geometry("all of it", 5, 10, 2, 2, 6, 3));
        return peers.stream().flatMap(peer -> cases.stream().map(geometry -> Arguments.of(peer.name(), peer, geometry)));
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
