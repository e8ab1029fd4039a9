//! Float functions with the same bits everywhere.
//!
//! `std`'s transcendental functions call the platform's and differ in the last place between native targets and
//! wasm; `libm` is one implementation for all. `sqrt`, `mul_add`, `abs` and rounding are exact everywhere and need
//! no wrapper. `clippy.toml` bans the others.

/// The error function.
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Hyperbolic tangent.
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// `ln(1 + x)`, exact for small `x`.
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}

/// Logarithm to base 2.
pub fn log2(x: f64) -> f64 {
    libm::log2(x)
}

/// Logarithm to base 10.
pub fn log10(x: f64) -> f64 {
    libm::log10(x)
}

/// `e^x`.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// `1 / (1 + e^x)` and `1 / (1 + e^-x)`, without overflow: the chances of the two sides, of which the second has the log-odds
/// `x`.
pub fn chances(x: f64) -> [f64; 2] {
    let e = exp(-x.abs());
    let (less, more) = (e / (1.0 + e), 1.0 / (1.0 + e));
    if x >= 0.0 { [less, more] } else { [more, less] }
}

/// `e^x` of several numbers, none above 0, to 1e-15 of each; of those below -708, that of -708. It has no branch, so a compiler
/// takes them side by side.
#[inline]
pub fn exp_of_negatives<const N: usize>(numbers: &mut [f64; N]) {
    /// Added to a number, it leaves the nearest whole one in the last bits.
    const ROUNDING: f64 = 1.5 * (1_u64 << 52) as f64;
    /// `ln 2` in two parts, of which the first times a whole number of ten bits is exact.
    const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    for number in numbers {
        let x = if *number < -708.0 { -708.0 } else { *number };
        let rounded = x * std::f64::consts::LOG2_E + ROUNDING;
        let power = rounded - ROUNDING;
        let rest = (x - power * LN_2[0]) - power * LN_2[1];
        // The series of `e^rest`, whose next term is below 2e-16.
        let mut sum = 1.0 / 479_001_600.0;
        for inverse in [
            1.0 / 39_916_800.0,
            1.0 / 3_628_800.0,
            1.0 / 362_880.0,
            1.0 / 40_320.0,
            1.0 / 5_040.0,
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
            1.0,
            1.0,
        ] {
            sum = sum * rest + inverse;
        }
        *number = sum * f64::from_bits(rounded.to_bits().wrapping_add(1_023) << 52);
    }
}

/// `2^x`.
pub fn exp2(x: f64) -> f64 {
    libm::exp2(x)
}

/// `x^y`.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Sine of an angle in radians.
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of an angle in radians.
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Angle of the point `(x, y)` in radians, -π to π.
pub fn atan2(y: f64, x: f64) -> f64 {
    libm::atan2(y, x)
}

/// Euler–Mascheroni constant, for the mean depth of a random search tree.
pub const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// The `q`-quantile (0 to 1) of **sorted** values by linear interpolation, as NumPy's default (`method="linear"`).
/// `NaN` for no values.
pub fn quantile_sorted(sorted: &[f64], q: f64) -> f64 {
    match sorted {
        [] => f64::NAN,
        [only] => *only,
        _ => {
            let [below, above] = quantile_places(sorted.len(), q);
            let part = q.clamp(0.0, 1.0) * (sorted.len() - 1) as f64 - below as f64;
            let (low, high) = (sorted[below], sorted[above]);
            // NumPy interpolates from the nearer end, so that equal neighbours give themselves exactly.
            if part < 0.5 { low + (high - low) * part } else { high - (high - low) * (1.0 - part) }
        }
    }
}

/// The least and the greatest of some values, in that order; infinity and minus infinity of none. Values that are no
/// numbers do not count.
pub fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    // Not `f64::min`, which may give either zero of -0 and 0.
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, greatest), value| {
        (if value < least { value } else { least }, if value > greatest { value } else { greatest })
    })
}

/// The places of the two values, of at least one in ascending order, between which [`quantile_sorted`] finds a quantile: it
/// needs no other to be in its place.
pub fn quantile_places(n: usize, q: f64) -> [usize; 2] {
    let last = n.saturating_sub(1);
    let below = (q.clamp(0.0, 1.0) * last as f64).floor() as usize;
    [below, (below + 1).min(last)]
}

/// A sum that carries along what rounding drops (Neumaier 1974).
pub fn compensated_sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut dropped) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = sum + value;
        dropped += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + dropped
}

/// The probability that a binomial variable of `n` trials with probability `p` is above `k`: the regularised incomplete
/// beta function `I_p(k + 1, n - k)`, by its continued fraction (W. H. Press et al., *Numerical Recipes*, 6.4).
pub fn binomial_above(n: u64, k: u64, p: f64) -> f64 {
    if k >= n || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let (a, b) = (k as f64 + 1.0, (n - k) as f64);
    let front = exp(libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * ln(p) + b * ln_1p(-p));
    // The fraction converges fast on this side of the mean only.
    let result = if p < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, p) / a
    } else {
        1.0 - front * beta_fraction(b, a, 1.0 - p) / b
    };
    result.clamp(0.0, 1.0)
}

/// The continued fraction of the incomplete beta function, by the modified method of Lentz.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    const MAX_STEPS: u32 = 10_000;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=MAX_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_exponentials_are_those_of_each() {
        let mut rng = crate::engine::rng::Rng::new(1);
        for scale in [1e-9, 1.0, 40.0, 708.0] {
            for _ in 0..2_000 {
                let numbers: [f64; 8] = std::array::from_fn(|_| -scale * rng.uniform());
                let mut found = numbers;
                exp_of_negatives(&mut found);
                for (x, found) in numbers.into_iter().zip(found) {
                    assert!((found / exp(x) - 1.0).abs() < 1e-15, "e^{x}: {found}, not {}", exp(x));
                }
            }
        }
        let mut ends = [0.0, -0.0, -708.0, -1e300, f64::NEG_INFINITY];
        exp_of_negatives(&mut ends);
        assert_eq!(ends[..2], [1.0, 1.0]);
        assert!(ends[2] > 0.0 && ends[2..].iter().all(|&end| end == ends[2]));
    }

    #[test]
    fn binomial_tails() {
        // scipy.stats.binom.sf
        for (n, k, p, expected) in [
            (10, 8, 0.75, 0.244_025_230_407_714_84),
            (100, 95, 0.97, 0.817_854_806_075_641_9),
            (1_000, 950, 0.95, 0.479_741_057_087_318_5),
            (1_000_000, 950_000, 0.950_2, 0.820_485_946_498_530_3),
            (5, 0, 0.1, 0.409_51),
            (300, 285, 11.0 / 302.0, 0.0),
            (7, 7, 0.5, 0.0),
        ] {
            let found = binomial_above(n, k, p);
            assert!((found - expected).abs() < 1e-8, "n {n}, k {k}, p {p}: {found}, not {expected}");
        }
    }
}
