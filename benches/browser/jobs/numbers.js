// What peers in plain JavaScript have in common.

/** Xorshift: seeded and fast. */
export function random() {
  let x = 123456789;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) / 4294967296;
  };
}

/** Gives each of `d` features mean 0 and deviation 1, in the place of its values. */
export function standardise(x, n, d) {
  for (let f = 0; f < d; f++) {
    let sum = 0, squares = 0;
    for (let i = f; i < n * d; i += d) sum += x[i];
    for (let i = f; i < n * d; i += d) squares += (x[i] - sum / n) ** 2;
    const scale = Math.sqrt(squares / n) || 1;
    for (let i = f; i < n * d; i += d) x[i] = (x[i] - sum / n) / scale;
  }
}
