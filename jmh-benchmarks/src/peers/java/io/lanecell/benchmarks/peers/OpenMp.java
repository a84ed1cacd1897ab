package io.lanecell.benchmarks.peers;

import io.lanecell.benchmarks.compare.CompareException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The OpenMP library that came with oneDNN, which has no setting for threads of its own. */
final class OpenMp {
    private OpenMp() {
    }

    /** Sets how many threads what the calling thread starts may use; oneDNN must have been loaded. */
    @SuppressWarnings("restricted")
    static void setThreads(int threads) {
        MethodHandle set = Linker.nativeLinker().downcallHandle(
                SymbolLookup.loaderLookup().find("omp_set_num_threads")
                        .orElseThrow(() -> new CompareException("oneDNN came without the OpenMP library that sets its threads")),
                FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
        try {
            set.invokeExact(threads);
        } catch (Throwable e) {
            throw new CompareException("OpenMP refused " + threads + " threads: " + e, e);
        }
    }
}
