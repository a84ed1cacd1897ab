package io.lanecell.benchmarks.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompareCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return CompareCommand.commandLine(new PrintWriter(out), new PrintWriter(err)).execute(arguments);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --cases nosuch                   | there is no case 'nosuch', the cases are step-16x32,
            --cases step-64,,seq-64          | there is no case ''
            --peers tensorflow               | the peers are onnxruntime, libtorch, onednn
            --peers none,onednn              | there is no peer 'none'
            --threads 0 --peers none         | at least 1, got 0
            --threads two                    | 'two'
            --json /nonexistent/folder/x     | make it first
            --plot picture.jpg               | must end in .png
            --latency --peers none --seconds 0          | --seconds must be more than 0
            --latency --peers none --threads 2          | leave out
            --fast                           | --fast
            """)
    void badUsageIsOneLineBeforeAnythingIsMeasured(String arguments, String expected) {
        assertEquals(2, run(arguments.split(" ")));
        assertEquals("", out.toString());
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().startsWith("lanecell: ") && err.toString().contains(expected), err::toString);
    }

    @Test
    void helpNamesEveryOptionAndEveryCase() {
        assertEquals(0, run("--help"));
        String unbroken = out.toString().replaceAll("\\s+", "");
        for (Geometry geometry : Geometry.all()) {
            assertTrue(unbroken.contains(geometry.name()), geometry::name);
        }
        for (String option : new String[]{"--cases", "--peers", "--threads", "--quick", "--latency", "--json", "--plot"}) {
            assertTrue(out.toString().contains(option), option);
        }
    }

    @Test
    void latencyHasOurCallsAndTheControlBothWays() {
        assertEquals(0, run("--latency", "--peers", "none", "--cases", "step-16x32", "--seconds", "0.3"), err::toString);
        assertEquals(2, out.toString().lines().filter(line -> line.contains("lanecell-vector")).count(), out::toString);
        assertEquals(2, out.toString().lines().filter(line -> line.contains("control")).count(), out::toString);
        assertEquals(2, out.toString().lines().filter(line -> line.contains("one a millisecond")).count(), out::toString);
    }
}
