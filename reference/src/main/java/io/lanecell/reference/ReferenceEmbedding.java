package io.lanecell.reference;

import io.lanecell.Tensor;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;

/** torch.nn.Embedding: a row of {@code weight} (num_embeddings, embedding_dim) for each token. padding_idx changes training only. */
final class ReferenceEmbedding {
    private final int embeddingDim;
    private final double[][] rows;

    private ReferenceEmbedding(int embeddingDim, double[][] rows) {
        this.embeddingDim = embeddingDim;
        this.rows = rows;
    }

    static ReferenceEmbedding of(LayerWeights weights) {
        Tensor weight = weights.matrix("weight");
        return new ReferenceEmbedding(weight.dim(1), weights.matrix("weight", weight.dim(0), weight.dim(1), "an embedding"));
    }

    int numEmbeddings() {
        return rows.length;
    }

    int embeddingDim() {
        return embeddingDim;
    }

    RealVector of(int token) {
        return new ArrayRealVector(rows[token]);
    }
}
