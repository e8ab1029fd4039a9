//! The engine through the protocol, as JavaScript calls it, for the tests of sessions and of bad input.
#![allow(dead_code, reason = "each test file uses its part")]

use isoscope::engine::host::NoClock;
use isoscope::engine::session::Session;
use isoscope::protocol::{AnalysisView, Learned, Request, Response, TableSummary, Tuning, dispatch};
use serde_json::{Value, json};

/// Code and message.
pub type Failure = (String, String);

pub fn call(session: &mut Session, method: &str, params: Value) -> Result<Response, Failure> {
    let request = match params {
        Value::Null => json!({ "method": method }),
        params => json!({ "method": method, "params": params }),
    };
    let request = Request::parse(&request.to_string()).expect("a request of the protocol's form");
    dispatch(session, request, &NoClock).map_err(|e| (e.code().to_owned(), e.to_string()))
}

pub fn ingest_cut(session: &mut Session, bytes: &[u8], chunk: usize) -> Result<TableSummary, Failure> {
    call(session, "beginIngest", json!({}))?;
    for chunk in bytes.chunks(chunk) {
        session.push(chunk).map_err(|e| (e.code().to_owned(), e.to_string()))?;
    }
    finish_ingest(session)
}

/// Ends the source that was pushed.
pub fn finish_ingest(session: &mut Session) -> Result<TableSummary, Failure> {
    call(session, "beginFinish", Value::Null)?;
    while !matches!(call(session, "stepFinish", Value::Null)?, Response::Step(None)) {}
    match call(session, "summary", Value::Null)? {
        Response::Summary(summary) => Ok(summary),
        other => panic!("a summary, not {other:?}"),
    }
}

pub fn ingest(session: &mut Session, bytes: &[u8]) -> Result<TableSummary, Failure> {
    ingest_cut(session, bytes, 65_536)
}

pub fn analyze(session: &mut Session, plan: Value) -> Result<AnalysisView, Failure> {
    call(session, "beginAnalysis", plan)?;
    while !matches!(call(session, "stepAnalysis", Value::Null)?, Response::Step(None)) {}
    match call(session, "analysis", Value::Null)? {
        Response::Analysis(view) => Ok(*view),
        other => panic!("an analysis, not {other:?}"),
    }
}

pub fn learn(session: &mut Session, options: Value) -> Result<Learned, Failure> {
    call(session, "beginLearn", options)?;
    while !matches!(call(session, "stepLearn", Value::Null)?, Response::Step(None)) {}
    match call(session, "learned", Value::Null)? {
        Response::Learned(learned) => Ok(*learned),
        other => panic!("a learned model, not {other:?}"),
    }
}

/// The result of a search, and the units done and in all that each step told.
pub fn tuned(session: &mut Session, options: Value) -> Result<(Tuning, Vec<(u64, u64)>), Failure> {
    call(session, "beginTune", options)?;
    let mut told = Vec::new();
    while let Response::Step(Some(progress)) = call(session, "stepTune", Value::Null)? {
        told.push((progress.done, progress.total));
    }
    match call(session, "tuned", Value::Null)? {
        Response::Tuning(tuning) => Ok((*tuning, told)),
        other => panic!("a search, not {other:?}"),
    }
}

pub fn export(session: &mut Session, kind: &str) -> String {
    match call(session, "export", json!({ "kind": kind })).unwrap() {
        Response::File(file) => String::from_utf8(file.bytes).unwrap(),
        other => panic!("a file, not {other:?}"),
    }
}
