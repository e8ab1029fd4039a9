//! Float functions with the same bits everywhere.
//!
//! `std`'s transcendental functions call the platform's and differ in the last place between native targets and
//! wasm; `libm` is one implementation for all. `sqrt`, `mul_add`, `abs` and rounding are exact everywhere and need
//! no wrapper. `clippy.toml` bans the others.

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
            let place = q.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
            let below = place.floor() as usize;
            let above = (below + 1).min(sorted.len() - 1);
            let part = place - below as f64;
            let (low, high) = (sorted[below], sorted[above]);
            // NumPy interpolates from the nearer end, so that equal neighbours give themselves exactly.
            if part < 0.5 { low + (high - low) * part } else { high - (high - low) * (1.0 - part) }
        }
    }
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
