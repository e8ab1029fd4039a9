//! The same bits natively and in a browser: these tests run in both, against the same constants.
//!
//! A difference means that a float function of the platform, or another generator, has found its way into the engine.

#[cfg(target_arch = "wasm32")]
mod golden;

#[cfg(target_arch = "wasm32")]
use golden::analysis::Fingerprint;
use isoscope::engine::ingest::{Encoding, Format, Ingest, Ingested, Options};
use isoscope::engine::math;
use isoscope::engine::rng::Rng;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// FNV-1a over the bits of the values.
fn hash_of(values: impl IntoIterator<Item = u64>) -> u64 {
    values.into_iter().flat_map(u64::to_le_bytes).fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// `f` over seeded arguments of every size from 1e-9 to 1e9.
fn hash_over_arguments(f: impl Fn(f64) -> f64) -> u64 {
    let mut rng = Rng::new(7);
    let mut argument = || (rng.uniform() - 0.5) * [1e-9, 1e-3, 1.0, 1e3, 1e9][rng.below(5) as usize];
    hash_of((0..20_000).map(|_| f(argument()).to_bits()))
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn float_functions_have_pinned_bits() {
    let hashes = [
        ("ln", hash_over_arguments(|x| math::ln(x.abs()))),
        ("ln_1p", hash_over_arguments(|x| math::ln_1p(x.abs()))),
        ("log2", hash_over_arguments(|x| math::log2(x.abs()))),
        ("log10", hash_over_arguments(|x| math::log10(x.abs()))),
        ("exp", hash_over_arguments(math::exp)),
        ("exp2", hash_over_arguments(math::exp2)),
        ("pow", hash_over_arguments(|x| math::pow(x.abs(), 0.37))),
        ("sin", hash_over_arguments(math::sin)),
        ("cos", hash_over_arguments(math::cos)),
    ];
    let pinned = [
        ("ln", 0xFF2A_D996_C6D6_E7FF),
        ("ln_1p", 0xD9D0_69AA_0A92_5FA3),
        ("log2", 0x118E_0D13_A62D_D961),
        ("log10", 0x4804_7A86_0B96_540F),
        ("exp", 0x1C8E_7C0C_C57A_7A19),
        ("exp2", 0xB05A_B8E3_033F_9395),
        ("pow", 0x51FD_5364_3EA6_6735),
        ("sin", 0x1556_27F1_1608_001B),
        ("cos", 0x253F_4783_E4A7_79A7),
    ];
    assert_eq!(hashes, pinned);
}

/// Cells, and what was odd where.
fn told(read: &Ingested) -> String {
    let mut told = String::new();
    for row in 0..read.table.n_rows() {
        for column in read.table.columns() {
            told.push_str(&column.text(row));
            told.push(if column.is_valid(row) { '\u{1F}' } else { '\u{1E}' });
        }
    }
    for finding in &read.findings {
        let at = finding.first;
        told.push_str(&format!(
            "{} {} {} {} {}",
            finding.kind.code(),
            finding.count,
            at.record,
            at.line,
            at.byte
        ));
    }
    told
}

/// Where fields and records end is found 64 bytes at a time: by SIMD in wasm, by words elsewhere. Text of nothing but the
/// bytes that matter and their neighbours must be cut at the same places.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn fields_end_at_pinned_places() {
    // Beside each byte that is looked for, those that differ from it in one bit.
    let alphabet = b"aab,,,-.$;;\"\"#!\n\n\r\x0B\x08\x0C\x0F\tx|\x7C~\xC3\xA9";
    let mut rng = Rng::new(9);
    let mut hash = 0;
    for delimiter in *b",;\t|" {
        for _ in 0..200 {
            let n = 1 + rng.below(700) as usize;
            let mut source = b"a1,b1,c1\n".map(|byte| if byte == b',' { delimiter } else { byte }).to_vec();
            source.extend((0..n).map(|_| alphabet[rng.below(alphabet.len() as u64) as usize]));
            let options = Options {
                format: Some(Format::Delimited),
                delimiter: Some(delimiter),
                encoding: Some(Encoding::Utf8),
                header: Some(true),
                ..Options::default()
            };
            let mut ingest = Ingest::new(options).expect("options");
            ingest.push(&source).expect("text");
            let read = ingest.finish().map_or_else(|error| error.code().to_owned(), |read| told(&read));
            hash = hash_of([hash, hash_of(read.bytes().map(u64::from))]);
        }
    }
    assert_eq!(hash, 0x253A_B4B2_CFD0_7502);
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn draws_have_pinned_bits() {
    let mut rng = Rng::new(42);
    let draws = [rng.next_u64(), rng.uniform().to_bits(), rng.normal().to_bits(), rng.below(1_000_003)];
    assert_eq!(draws, [0xD076_4D4F_4476_689F, 0x3FD4_6790_5D15_DBCC, 0x3FF5_71F9_4D19_C30A, 125_352]);
    let normals = hash_of((0..20_000).map(|_| rng.normal().to_bits()));
    let indices = rng.sample_indices(1_000_000, 256).into_iter().chain(rng.sample_indices(300, 256));
    assert_eq!(
        (normals, hash_of(indices.map(|index| index as u64))),
        (0x4296_A374_4822_B4B0, 0x57E4_98AC_681B_6E00)
    );
}

#[cfg(target_arch = "wasm32")]
#[wasm_bindgen_test::wasm_bindgen_test]
fn the_golden_analysis_is_the_same_in_a_browser() {
    assert_eq!(Fingerprint::take(), Fingerprint::golden());
}
