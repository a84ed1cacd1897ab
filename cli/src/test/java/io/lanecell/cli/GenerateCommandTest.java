package io.lanecell.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lanecell.Tensor;
import io.lanecell.loader.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
    @TempDir
    Path temp;

    private Path model;

    /** A model of random weights that knows a, b, c, newline and an emoji beyond the basic plane. */
    @BeforeEach
    void aRandomModel() throws IOException {
        SplittableRandom random = new SplittableRandom(SyntheticCase.SEED);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("embedding.weight", SyntheticCase.uniform(random, 1, 5, 3));
        weights.put("lstm.weight_ih_l0", SyntheticCase.uniform(random, 1, 28, 3));
        weights.put("lstm.weight_hh_l0", SyntheticCase.uniform(random, 1, 28, 7));
        weights.put("fc.weight", SyntheticCase.uniform(random, 3, 5, 7));
        weights.put("fc.bias", SyntheticCase.uniform(random, 1, 5));
        model = Files.createDirectory(temp.resolve("model"));
        SafetensorsWriter.write(model.resolve("weights.safetensors"), weights, Map.of());
        describe("\"vocabulary\": {\"kind\": \"characters\", \"tokens\": [\"a\", \"b\", \"c\", \"\\n\", \"🙂\"]},");
    }

    private void describe(String vocabulary) throws IOException {
        Files.writeString(model.resolve("model.json"),
                """
                        {"format": "lanecell-model/1", "weights": "weights.safetensors", %s
                         "layers": [{"type": "embedding", "weights": "embedding"}, {"type": "lstm", "weights": "lstm", "batch_first": true},
                                    {"type": "linear", "weights": "fc"}]}
                        """
                        .formatted(vocabulary));
    }

    @Test
    void printsThePromptExactlySoManyCharactersAndANewline() {
        for (int length : new int[]{0, 1, 7, 300}) {
            String out = CommandRun.of("generate", model, "--prompt", "ab🙂", "--length", length).fine();
            assertTrue(out.startsWith("ab🙂") && out.endsWith("\n"), out);
            assertEquals(3 + length + 1, out.codePointCount(0, out.length()), out);
        }
        String byDefault = CommandRun.of("generate", model, "--prompt", "a").fine();
        assertEquals(1 + 300 + 1, byDefault.codePointCount(0, byDefault.length()));
    }

    @Test
    void greedyTextIsTheSameEveryTimeAndALongerOneBeginsWithAShorter() {
        String shorter = CommandRun.of("generate", model, "--prompt", "abc", "--length", 20).fine();
        String longer = CommandRun.of("generate", model, "--prompt", "abc", "--length", 40, "--kernels", "scalar").fine();
        assertTrue(longer.startsWith(shorter.substring(0, shorter.length() - 1)));
    }

    @Test
    void theStateIsCarriedFromThePromptOn() {
        String text = CommandRun.of("generate", model, "--prompt", "a", "--length", 40).fine();
        String prompt = text.substring(0, text.offsetByCodePoints(0, 20));
        assertEquals(text, CommandRun.of("generate", model, "--prompt", prompt, "--length", 21).fine());
    }

    @Test
    void aSeedMakesADrawRepeatable() {
        Object[] seven = {"generate", model, "--prompt", "a", "--length", 100, "--temperature", 1.5, "--seed", 7};
        String first = CommandRun.of(seven).fine();
        assertEquals(first, CommandRun.of(seven).fine());
        Object[] eight = seven.clone();
        eight[9] = 8;
        assertNotEquals(first, CommandRun.of(eight).fine());
    }

    @Test
    void drawsAmongTheLikeliestAreMadeByTopKAndTopP() {
        String greedy = CommandRun.of("generate", model, "--prompt", "a", "--length", 60).fine();
        assertEquals(greedy, CommandRun.of("generate", model, "--prompt", "a", "--length", 60, "--top-k", 1, "--seed", 7).fine());
        assertEquals(greedy,
                CommandRun.of("generate", model, "--prompt", "a", "--length", 60, "--top-p", 1e-6, "--seed", 7).fine());
        Object[] drawn = {"generate", model, "--prompt", "a", "--length", 60, "--top-k", 3, "--top-p", 0.99, "--seed", 7};
        String first = CommandRun.of(drawn).fine();
        assertNotEquals(greedy, first);
        assertEquals(first, CommandRun.of(drawn).fine());
    }

    @Test
    void aCharacterThatTheModelDoesNotKnowIsNamedWithThoseItKnows() {
        String message = CommandRun.of("generate", model, "--prompt", "abé").refused();
        assertTrue(message.contains("'é' (U+00E9)") && message.contains("it knows \\n a-c 🙂"), message);
    }

    @Test
    void badUsageIsRefused() {
        assertTrue(CommandRun.of("generate", model, "--prompt", "").refused().contains("the prompt is empty"));
        assertTrue(CommandRun.of("generate", model).refused().contains("--prompt"));
        assertTrue(CommandRun.of("generate", model, "--prompt", "a", "--length", "-1").refused().contains("--length"));
        assertTrue(CommandRun.of("generate", model, "--prompt", "a", "--length", "x").refused().contains("--length"));
        for (String temperature : new String[]{"0", "-1", "NaN", "Infinity"}) {
            assertTrue(CommandRun.of("generate", model, "--prompt", "a", "--temperature", temperature).refused()
                    .contains("--temperature"));
        }
    }

    @Test
    void topKAndTopPOutOfRangeAreRefused() {
        assertTrue(CommandRun.of("generate", model, "--prompt", "a", "--top-k", "0").refused().contains("--top-k is 0"));
        assertTrue(CommandRun.of("generate", model, "--prompt", "a", "--top-p", "1.5").refused().contains("--top-p is 1.5"));
    }

    @Test
    void aModelWithoutCharactersIsRefused() throws IOException {
        describe("");
        assertTrue(CommandRun.of("generate", model, "--prompt", "a").refused().contains("no vocabulary of characters"));
        describe("\"vocabulary\": {\"kind\": \"words\", \"unknown\": 0, \"tokens\": [\"x\", \"b\", \"c\", \"d\", \"e\"]},");
        assertTrue(CommandRun.of("generate", model, "--prompt", "a").refused().contains("no vocabulary of characters"));
    }
}
