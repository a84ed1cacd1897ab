package io.lanecell.internal.kernel;

/**
 * tanh, sigmoid and exp as fixed sequences of exactly rounded operations, so that every kernel gives the same bits. This is
 * their scalar form and the home of their constants; the vector kernel repeats the same operations lane by lane.
 */
final class GateMath {
    static final float LOG2_E = 0x1.715476p+0f;
    static final int EXPONENT_SHIFT = 23;

    /** exp: adding it leaves round(z·log2 e) + 127 in the low bits, ready to be shifted into the exponent. */
    static final float EXP_MAGIC = 0x1.8000FEp23f;
    /** exp: −ln 2 in two parts, the first with few enough bits that its product with n is exact. */
    static final float EXP_LN2_HIGH = -0x1.62E400p-1f;
    static final float EXP_LN2_LOW = -0x1.7F7D1Cp-20f;
    /** exp: the smallest whole argument whose result is a normal number; below it the result is 0. */
    static final float EXP_MIN = -87f;
    /** exp: the polynomial of SLEEF's xexpf, (e^t − 1) / t for |t| ≤ ln 2 / 2. */
    static final float E7 = 1.98527617612853646e-4f;
    static final float E6 = 1.39304355252534151e-3f;
    static final float E5 = 8.33336077630519867e-3f;
    static final float E4 = 4.16664853692054749e-2f;
    static final float E3 = 1.66666671633720398e-1f;
    static final float E2 = 0.5f;
    static final float E1 = 1f;

    /** tanh: like {@link #EXP_MAGIC} for steps of one half, because 2z is reduced. */
    static final float TANH_MAGIC = 0x1.8000FEp+22f;
    static final float TANH_LN2 = -0x1.62E430p-1f;
    /** tanh: beyond ±9.0111 the nearest float32 is ±1. */
    static final float TANH_SATURATION = -0x1.205968p+3f;
    /** tanh: XNNPACK's f32-tanh expm1minus-rr1-p6h5, (e^2t − 1) / t for |t| ≤ ln 2 / 4. */
    static final float T6 = 0x1.6B7338p-4f;
    static final float T5 = 0x1.12278Ep-2f;
    static final float T4 = 0x1.555716p-1f;
    static final float T3 = 0x1.5554B0p+0f;
    static final float T2 = 0x1.FFFFFEp+0f;
    static final float T1 = 2f;

    /** erf: N. Juffa's two polynomials: beyond ±475/512, erf t = 1 − e^(t · p(t) − t), and x · p(x²) + x within. */
    static final float ERF_SPLIT = 475f / 512f;
    static final float F6 = -0x1.220000p-16f;
    static final float F5 = 0x1.91cfb2p-12f;
    static final float F4 = -0x1.fd1438p-9f;
    static final float F3 = 0x1.8d6342p-6f;
    static final float F2 = -0x1.b55cb8p-4f;
    static final float F1 = -0x1.450aa0p-1f;
    static final float F0 = -0x1.079d0cp-3f;
    static final float G5 = -0x1.38e000p-11f;
    static final float G4 = 0x1.471a58p-8f;
    static final float G3 = -0x1.b691b2p-6f;
    static final float G2 = 0x1.ce1c44p-4f;
    static final float G1 = -0x1.812700p-2f;
    static final float G0 = 0x1.06eba8p-3f;

    private static final int SIGN = 0x80000000;

    private GateMath() {
    }

    /** e^z for z ≤ 0, at most 2.3 ULP off; 0 below −87, where nothing in between is right. */
    static float exp(float z) {
        float n = ExactFma.fma(z, LOG2_E, EXP_MAGIC);
        float scale = Float.intBitsToFloat(Float.floatToRawIntBits(n) << EXPONENT_SHIFT);
        n -= EXP_MAGIC;
        float t = ExactFma.fma(n, EXP_LN2_HIGH, z);
        t = ExactFma.fma(n, EXP_LN2_LOW, t);
        return z < EXP_MIN ? 0f : ExactFma.fma(t * scale, expPolynomial(t), scale);
    }

    /** e^z − 1 for z ≤ 0, small where z is small; −1 from −18 down. */
    static float expm1(float z) {
        float clamped = z < EXP_MIN ? EXP_MIN : z;
        float n = ExactFma.fma(clamped, LOG2_E, EXP_MAGIC);
        float scale = Float.intBitsToFloat(Float.floatToRawIntBits(n) << EXPONENT_SHIFT);
        n -= EXP_MAGIC;
        float t = ExactFma.fma(n, EXP_LN2_HIGH, clamped);
        t = ExactFma.fma(n, EXP_LN2_LOW, t);
        return ExactFma.fma(t * scale, expPolynomial(t), scale - 1f);
    }

    private static float expPolynomial(float t) {
        float p = ExactFma.fma(E7, t, E6);
        p = ExactFma.fma(p, t, E5);
        p = ExactFma.fma(p, t, E4);
        p = ExactFma.fma(p, t, E3);
        p = ExactFma.fma(p, t, E2);
        return ExactFma.fma(p, t, E1);
    }

    /** 1 / (1 + e^−x) at most 2.3 ULP off; 0 below −87 (PyTorch's is 0 from −89 on). */
    static float sigmoid(float x) {
        float e = exp(-Math.abs(x));
        return (x < 0 ? e : 1f) / (1f + e);
    }

    /** tanh at most 2.6 ULP off, odd, exactly ±1 from ±9.0111 on. */
    static float tanh(float x) {
        float z = -Math.abs(x);
        z = z < TANH_SATURATION ? TANH_SATURATION : z;
        float n = ExactFma.fma(z, LOG2_E, TANH_MAGIC);
        float scale = Float.intBitsToFloat(Float.floatToRawIntBits(n) << EXPONENT_SHIFT);
        n -= TANH_MAGIC;
        float t = ExactFma.fma(n, TANH_LN2, z);
        float p = ExactFma.fma(T6, t, T5);
        p = ExactFma.fma(p, t, T4);
        p = ExactFma.fma(p, t, T3);
        p = ExactFma.fma(p, t, T2);
        p = ExactFma.fma(p, t, T1);
        float expm1 = ExactFma.fma(p, t * scale, scale - 1f);
        float y = expm1 / (expm1 + 2f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(y) & ~SIGN | Float.floatToRawIntBits(x) & SIGN);
    }

    /** The error function, odd, exactly ±1 from ±3.92 on. */
    static float erf(float x) {
        float t = Math.abs(x);
        float s = x * x;
        if (t > ERF_SPLIT) {
            float r = ExactFma.fma(F6, t, F5);
            float u = ExactFma.fma(F4, t, F3);
            r = ExactFma.fma(r, s, u);
            r = ExactFma.fma(r, t, F2);
            r = ExactFma.fma(r, t, F1);
            r = ExactFma.fma(r, t, F0);
            r = ExactFma.fma(r, t, -t);
            float y = 1f - exp(r);
            return Float.intBitsToFloat(Float.floatToRawIntBits(y) & ~SIGN | Float.floatToRawIntBits(x) & SIGN);
        }
        float r = ExactFma.fma(G5, s, G4);
        r = ExactFma.fma(r, s, G3);
        r = ExactFma.fma(r, s, G2);
        r = ExactFma.fma(r, s, G1);
        r = ExactFma.fma(r, s, G0);
        return ExactFma.fma(r, x, x);
    }
}
