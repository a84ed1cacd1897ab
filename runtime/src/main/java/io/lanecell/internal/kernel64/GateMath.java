package io.lanecell.internal.kernel64;

/**
 * tanh, sigmoid, exp and erf as fixed sequences of exactly rounded operations, so that every kernel gives the same bits. This is their
 * scalar form and the home of their constants; {@link VectorActivations} repeats the same operations lane by lane.
 */
final class GateMath {
    static final double LOG2_E = 0x1.71547652B82FEp+0;
    static final int EXPONENT_SHIFT = 52;

    /** exp: adding it leaves round(z·log2 e) + 1023 in the low bits, ready to be shifted into the exponent. */
    static final double EXP_MAGIC = 0x1.80000000003FFp52;
    /** exp: −ln 2 in two parts (those of fdlibm), the first with few enough bits that its product with n is exact. */
    static final double EXP_LN2_HIGH = -0x1.62E42FEEp-1;
    static final double EXP_LN2_LOW = -0x1.A39EF35793C76p-33;
    /** exp: the smallest whole argument whose result is a normal number; below it the result is 0. */
    static final double EXP_MIN = -708;
    /** exp: Taylor's 1 / n!; what is left out is below 2^−56 where |t| ≤ ln 2 / 2. */
    static final double E13 = 1 / 6227020800d;
    static final double E12 = 1 / 479001600d;
    static final double E11 = 1 / 39916800d;
    static final double E10 = 1 / 3628800d;
    static final double E9 = 1 / 362880d;
    static final double E8 = 1 / 40320d;
    static final double E7 = 1 / 5040d;
    static final double E6 = 1 / 720d;
    static final double E5 = 1 / 120d;
    static final double E4 = 1 / 24d;
    static final double E3 = 1 / 6d;
    static final double E2 = 1 / 2d;

    /**
     * erf: fitted by least squares in 60 digits. Within ±1 it is x · p(x²) + x, with p to 1.3e-19; beyond, erf t = 1 − e^p(t), to 1.4e-18
     * of the result, up to 6, from where on the nearest float64 is 1.
     */
    static final double ERF_SPLIT = 1;
    static final double ERF_SATURATION = 6;
    static final double G12 = 0x1.0613987edce0dp-34;
    static final double G11 = -0x1.38a4b8db8a7c5p-30;
    static final double G10 = 0x1.f7b72e5bcd4ffp-27;
    static final double G9 = -0x1.5f1f0634fb062p-23;
    static final double G8 = 0x1.b9df2954a9147p-20;
    static final double G7 = -0x1.f4d1e3a67dc3ep-17;
    static final double G6 = 0x1.f9a321dd3898cp-14;
    static final double G5 = -0x1.c02db3db06d60p-11;
    static final double G4 = 0x1.565bcd0dbc1adp-8;
    static final double G3 = -0x1.b82ce31284e9cp-6;
    static final double G2 = 0x1.ce2f21a042b32p-4;
    static final double G1 = -0x1.812746b0379e6p-2;
    static final double G0 = 0x1.06eba8214db69p-3;
    static final double F18 = 0x1.2516a7a4280ddp-40;
    static final double F17 = -0x1.a2c4aa702e8c3p-35;
    static final double F16 = 0x1.180cd0ea5b229p-30;
    static final double F15 = -0x1.d15a24d8d283dp-27;
    static final double F14 = 0x1.0c74b5ed7b0bdp-23;
    static final double F13 = -0x1.c65ab27d7d430p-21;
    static final double F12 = 0x1.210a625aea5afp-18;
    static final double F11 = -0x1.13d5a52a46fd8p-16;
    static final double F10 = 0x1.780a3710ffbeap-15;
    static final double F9 = -0x1.251f2fe45303fp-14;
    static final double F8 = -0x1.7f5f6aee39c18p-15;
    static final double F7 = 0x1.50d472a209fa2p-11;
    static final double F6 = -0x1.d01e5b77c5d47p-10;
    static final double F5 = 0x1.277f37b0fe43fp-12;
    static final double F4 = 0x1.388fccf103707p-6;
    static final double F3 = -0x1.a4d9d3a04bde4p-4;
    static final double F2 = -0x1.45f430a8ae25cp-1;
    static final double F1 = -0x1.20dd559b9e6e2p+0;
    static final double F0 = -0x1.892386391f0eep-23;

    private static final long SIGN = 0x8000000000000000L;

    private GateMath() {
    }

    /** e^z for z ≤ 0, at most 1.5 ULP off; 0 below −708, where nothing in between is right. */
    static double exp(double z) {
        double n = ExactFma.fma(z, LOG2_E, EXP_MAGIC);
        double scale = Double.longBitsToDouble(Double.doubleToRawLongBits(n) << EXPONENT_SHIFT);
        n -= EXP_MAGIC;
        double t = ExactFma.fma(n, EXP_LN2_HIGH, z);
        t = ExactFma.fma(n, EXP_LN2_LOW, t);
        return z < EXP_MIN ? 0 : ExactFma.fma(t * scale, expPolynomial(t), scale);
    }

    /** e^z − 1 for z ≤ 0, small where z is small; −1 from −38 down. */
    static double expm1(double z) {
        double clamped = z < EXP_MIN ? EXP_MIN : z;
        double n = ExactFma.fma(clamped, LOG2_E, EXP_MAGIC);
        double scale = Double.longBitsToDouble(Double.doubleToRawLongBits(n) << EXPONENT_SHIFT);
        n -= EXP_MAGIC;
        double t = ExactFma.fma(n, EXP_LN2_HIGH, clamped);
        t = ExactFma.fma(n, EXP_LN2_LOW, t);
        return ExactFma.fma(t * scale, expPolynomial(t), scale - 1);
    }

    private static double expPolynomial(double t) {
        double p = ExactFma.fma(E13, t, E12);
        p = ExactFma.fma(p, t, E11);
        p = ExactFma.fma(p, t, E10);
        p = ExactFma.fma(p, t, E9);
        p = ExactFma.fma(p, t, E8);
        p = ExactFma.fma(p, t, E7);
        p = ExactFma.fma(p, t, E6);
        p = ExactFma.fma(p, t, E5);
        p = ExactFma.fma(p, t, E4);
        p = ExactFma.fma(p, t, E3);
        p = ExactFma.fma(p, t, E2);
        return ExactFma.fma(p, t, 1);
    }

    /** 1 / (1 + e^−x) at most 3 ULP off (2.2 was seen); 0 below −708 (PyTorch's is 0 from −745 on). */
    static double sigmoid(double x) {
        double e = exp(-Math.abs(x));
        return (x < 0 ? e : 1) / (1 + e);
    }

    /** tanh at most 3 ULP off, odd: e^(−2|x|) − 1, divided by itself and 2. */
    static double tanh(double x) {
        double m = expm1(-2 * Math.abs(x));
        return withSign(m / (m + 2), x);
    }

    /** The error function at most 1.5 ULP off, odd, exactly ±1 from ±6 on. */
    static double erf(double x) {
        double t = Math.abs(x);
        if (t > ERF_SPLIT) {
            double u = t > ERF_SATURATION ? ERF_SATURATION : t;
            double r = ExactFma.fma(F18, u, F17);
            r = ExactFma.fma(r, u, F16);
            r = ExactFma.fma(r, u, F15);
            r = ExactFma.fma(r, u, F14);
            r = ExactFma.fma(r, u, F13);
            r = ExactFma.fma(r, u, F12);
            r = ExactFma.fma(r, u, F11);
            r = ExactFma.fma(r, u, F10);
            r = ExactFma.fma(r, u, F9);
            r = ExactFma.fma(r, u, F8);
            r = ExactFma.fma(r, u, F7);
            r = ExactFma.fma(r, u, F6);
            r = ExactFma.fma(r, u, F5);
            r = ExactFma.fma(r, u, F4);
            r = ExactFma.fma(r, u, F3);
            r = ExactFma.fma(r, u, F2);
            r = ExactFma.fma(r, u, F1);
            r = ExactFma.fma(r, u, F0);
            return withSign(1 - exp(r), x);
        }
        double s = x * x;
        double p = ExactFma.fma(G12, s, G11);
        p = ExactFma.fma(p, s, G10);
        p = ExactFma.fma(p, s, G9);
        p = ExactFma.fma(p, s, G8);
        p = ExactFma.fma(p, s, G7);
        p = ExactFma.fma(p, s, G6);
        p = ExactFma.fma(p, s, G5);
        p = ExactFma.fma(p, s, G4);
        p = ExactFma.fma(p, s, G3);
        p = ExactFma.fma(p, s, G2);
        p = ExactFma.fma(p, s, G1);
        p = ExactFma.fma(p, s, G0);
        return ExactFma.fma(p, x, x);
    }

    private static double withSign(double y, double x) {
        return Double.longBitsToDouble(Double.doubleToRawLongBits(y) & ~SIGN | Double.doubleToRawLongBits(x) & SIGN);
    }
}
