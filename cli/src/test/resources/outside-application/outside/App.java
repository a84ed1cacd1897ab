package outside;

import io.lanecell.Model;
import io.lanecell.Session;
import io.lanecell.loader.ModelFile;
import java.nio.file.Path;

public final class App {
    public static void main(String[] args) {
        ModelFile file = ModelFile.open(Path.of(args[0]));
        Model model = file.model();
        Session session = model.newSession();
        float[] digit = new float[8 * model.inputSize()];
        for (int row = 1; row < 7; row++) {
            digit[row * 8 + 4] = 1; // a stroke from top to bottom
        }
        float[] scores = new float[model.outputSize()];
        session.run(digit, 0, 8, scores, 0);
        int best = 0;
        for (int label = 1; label < scores.length; label++) {
            best = scores[label] > scores[best] ? label : best;
        }
        System.out.println(file.labels().get(best) + " on the " + model.kernels() + " kernel");
    }
}
