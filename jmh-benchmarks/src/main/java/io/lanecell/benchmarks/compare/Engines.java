package io.lanecell.benchmarks.compare;

import io.lanecell.KernelChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The engines by name. */
public final class Engines {
    /** The peers that the Maven profile {@code peers} compiles in. */
    public static final List<String> PEERS = List.of("onnxruntime", "libtorch", "onednn");

    private Engines() {
    }

    /** Our kernels and the judge, in the order of the tables. */
    static List<EngineProvider> own() {
        return List.of(new LanecellEngine.Provider("lanecell-vector", KernelChoice.VECTOR),
                new LanecellEngine.Provider("lanecell-scalar", KernelChoice.SCALAR), new ReferenceEngine.Provider());
    }

    /** Whether an engine of this name is a peer, which ours are measured against. */
    static boolean isPeer(String name) {
        return PEERS.contains(name);
    }

    /**
     * Our engines, then the peers of these names in the order of the tables.
     *
     * @throws CompareException if there is no such peer, or this build has none; the message says what there is
     */
    static List<EngineProvider> with(List<String> peers) {
        List<EngineProvider> engines = new ArrayList<>(own());
        List<EngineProvider> compiled = compiledPeers();
        for (String name : peers) {
            if (!isPeer(name)) {
                throw new CompareException("there is no peer '" + name + "', the peers are " + String.join(", ", PEERS)
                        + "; 'none' leaves them out");
            }
        }
        for (String name : PEERS) {
            if (peers.contains(name)) {
                engines.add(find(compiled, name));
            }
        }
        return engines;
    }

    /** The engine of this name, ours or a peer. */
    static EngineProvider named(String name) {
        List<EngineProvider> all = new ArrayList<>(own());
        all.addAll(compiledPeers());
        return find(all, name);
    }

    private static EngineProvider find(List<EngineProvider> engines, String name) {
        return engines.stream().filter(engine -> engine.name().equals(name)).findFirst()
                .orElseThrow(() -> new CompareException("this build has no engine '" + name
                        + "': build with the Maven profile 'peers' (./lanecell compare does), or ask for --peers none"));
    }

    private static List<EngineProvider> compiledPeers() {
        return ServiceLoader.load(EngineProvider.class).stream().map(ServiceLoader.Provider::get).toList();
    }
}
