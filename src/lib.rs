//! Isoscope: an analyzer of user behaviour that runs in one browser tab and sends nothing anywhere.
//!
//! The pipeline in five lines, each the place to start reading:
//!
//! 1. bytes of a log → [`engine::ingest`] → a typed columnar [`engine::table::Table`] and its findings;
//! 2. table → [`engine::plan`] guesses what the columns are → [`engine::features`] → one row per entity;
//! 3. feature matrix → [`engine::prepare`] scales it → [`engine::detect`] scores it, higher is stranger;
//! 4. scores → threshold and severity → [`engine::explain`]: contributions, typical values, a sentence;
//! 5. [`engine::session::Session`] is the one facade over all of it; `protocol` names what crosses the worker's
//!    border, `web` binds it to JavaScript, `app` is the page.
//!
//! The engine knows no web, no clock, no file and no operating system: it is a function of bytes, parameters and a
//! seed, and gives the same bits natively, in every browser and in Node.

pub mod engine;
pub mod protocol;

#[cfg(feature = "app")]
pub mod app;
#[cfg(feature = "web")]
pub mod web;
