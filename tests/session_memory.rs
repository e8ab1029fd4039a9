//! Memory is given back: closing a table leaves nothing of it, its analysis or its profile behind.

#![cfg(not(target_arch = "wasm32"))]
#![allow(unsafe_code, reason = "counting what is allocated takes an allocator")]
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]
#![allow(dead_code, reason = "each test file uses its part of the support")]

mod session_support;

use isoscope::engine::session::Session;
use serde_json::{Value, json};
use session_support::{analyze, call, ingest};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

/// Bytes allocated and not given back.
static HELD: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as isize, Ordering::Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test only in this file: others would allocate at the same time.
#[test]
fn fifty_tables_opened_and_closed_leave_nothing() {
    let mut log = String::from("user,time,action\n");
    for event in 0..4_000 {
        let (user, day, hour) = (event % 40, event / 40 % 28 + 1, event % 24);
        log.push_str(&format!("u{user},2024-03-{day:02}T{hour:02}:15:00,action {}\n", event % 7));
    }
    let mut session = Session::default();
    let round = |session: &mut Session| {
        ingest(session, log.as_bytes()).unwrap();
        let held_open = HELD.load(Ordering::Relaxed);
        drop(analyze(session, json!({ "parameters": { "trees": 20 } })).unwrap());
        call(session, "closeTable", Value::Null).unwrap();
        (held_open, HELD.load(Ordering::Relaxed))
    };
    let (open, closed) = round(&mut session);
    assert!(open - closed > 4_000 * 8, "a table is worth measuring: {open} bytes open, {closed} closed");
    for n in 0..50 {
        assert_eq!(round(&mut session).1, closed, "bytes held after table {n}");
    }
    for (method, needed) in [("summary", "ingest"), ("suggest", "ingest"), ("analysis", "analyze")] {
        let (code, message) = call(&mut session, method, Value::Null).unwrap_err();
        assert!(code == "not-ready" && message.contains(needed), "{method}: {message}");
    }
}
