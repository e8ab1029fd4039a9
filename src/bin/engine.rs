//! Entry point of the worker's wasm: only links the exports of `isoscope::web`.

use isoscope as _;

fn main() {}
