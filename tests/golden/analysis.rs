//! The analysis that must be the same everywhere, as a fingerprint. Shared by the native test and the wasm test; the
//! JavaScript test computes the same fingerprint from `analysis.json`'s own request.

use isoscope::engine::host::NoClock;
use isoscope::engine::session::Session;
use isoscope::protocol::{Request, Response, dispatch};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is compared.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The `sample` request that makes the log.
    sample: Value,
    /// The plan, as a caller gives it.
    plan: Value,
    /// FNV-1a over the log's bytes.
    log: String,
    /// Matrix rows.
    rows: usize,
    /// Matrix columns.
    features: Vec<String>,
    /// FNV-1a over the scores' little-endian bytes.
    scores: String,
    /// FNV-1a over the contributions of all explained rows, in order.
    contributions: String,
    /// First names of the ranking.
    first: Vec<String>,
    /// FNV-1a over the sentences of all explained rows.
    sentences: String,
}

impl Fingerprint {
    /// The committed one.
    pub fn golden() -> Self {
        serde_json::from_str(include_str!("analysis.json")).expect("the golden file is of this form")
    }

    /// The one of this build.
    pub fn take() -> Self {
        let sample = json!({ "name": "logins", "users": 300, "days": 20, "seed": 7 });
        let plan = json!({ "seed": 7 });
        let mut session = Session::default();
        let call = |session: &mut Session, method: &str, params: &Value| {
            let request = json!({ "method": method, "params": params }).to_string();
            let request = Request::parse(&request).expect("a request");
            dispatch(session, request, &NoClock).expect("the golden analysis succeeds")
        };
        let Response::Sample(file) = call(&mut session, "sample", &sample) else { panic!("a sample") };
        call(&mut session, "beginIngest", &json!({}));
        session.push(&file.bytes).expect("a generated log is readable");
        session.finish_ingest().expect("a generated log is readable");
        session
            .analyze(serde_json::from_value(plan.clone()).expect("a plan"), &NoClock)
            .expect("the golden analysis succeeds");
        let analysis = session.analysis().expect("an analysis");
        let (mut scores, mut contributions, mut sentences) = (Fnv::new(), Fnv::new(), Fnv::new());
        analysis.scores.iter().for_each(|score| scores.add(&score.to_le_bytes()));
        for explanation in &analysis.top {
            sentences.add(explanation.sentence.as_bytes());
            explanation.contributions.iter().for_each(|c| contributions.add(&c.contribution.to_le_bytes()));
        }
        let mut log = Fnv::new();
        log.add(&file.bytes);
        Fingerprint {
            sample,
            plan,
            log: log.hex(),
            rows: analysis.matrix.n_rows(),
            features: analysis.matrix.features.iter().map(|f| f.name.clone()).collect(),
            scores: scores.hex(),
            contributions: contributions.hex(),
            first: analysis.ranking.flagged.iter().take(5).map(|r| r.name.clone()).collect(),
            sentences: sentences.hex(),
        }
    }

    /// As committed.
    #[allow(dead_code)] // only the native test writes
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data serialises") + "\n"
    }
}

/// FNV-1a, 64 bits: simple enough to write again in JavaScript.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn hex(&self) -> String {
        format!("{:016x}", self.0)
    }
}
