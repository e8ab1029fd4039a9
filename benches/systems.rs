//! The five systems' own files, from table to features to scores: what `docs/features.md` tells of them.
//! `cargo bench --bench systems`; the files are looked for in `../shared/data`, and what is not there is said.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use isoscope::engine::host::Host;
use isoscope::engine::ingest::Options;
use isoscope::engine::plan::{LoginRows, Parameters, PartialPlan, Recipe};
use isoscope::engine::session::Session;
use isoscope::engine::synth::{Sample, Spec, generate};
use std::path::Path;
use std::time::Instant;

/// Runs, of which the median is told.
const N_RUNS: usize = 5;

/// One line of the table.
struct Case {
    system: &'static str,
    what: &'static str,
    source: Source,
    recipe: Recipe,
    login_rows: LoginRows,
}

enum Source {
    /// Generated with every default: 500 users over 30 days, anomalies planted in 6 % of them.
    Made(Sample),
    File(&'static str),
}

fn main() {
    let case =
        |system, what, source, recipe| Case { system, what, source, recipe, login_rows: LoginRows::User };
    let rba = "logs/rba_2000.csv";
    let cases = [
        case("A", "office activity, generated", Source::Made(Sample::OfficeActivity), Recipe::Activity),
        case("A", "its own log", Source::File("systems/a_user_activity.csv"), Recipe::Activity),
        case("B", "web sessions, generated", Source::Made(Sample::WebSessions), Recipe::UserDay),
        case("B", "its own table", Source::File("systems/b_user_day_features.csv"), Recipe::UserDay),
        case("C", "balanced sessions", Source::File("systems/c_balanced_40.csv"), Recipe::Session),
        case("C", "imbalanced sessions", Source::File("systems/c_imbalanced.csv"), Recipe::Session),
        case("D", "employees", Source::File("systems/d_employees.csv"), Recipe::Table),
        case("E", "logins, generated", Source::Made(Sample::Logins), Recipe::Login),
        case("E", "login attempts", Source::File("logs/login_attempts_labelled.csv"), Recipe::Login),
        Case {
            login_rows: LoginRows::Login,
            ..case(
                "E",
                "login attempts, one by one",
                Source::File("logs/login_attempts_labelled.csv"),
                Recipe::Login,
            )
        },
        case("E", "2,000 rows of the public file", Source::File(rba), Recipe::Login),
    ];
    println!(
        "| system | file | records | recipe | rows | features | features, ms | to scores, ms | ROC AUC |"
    );
    println!("| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |");
    for case in cases {
        println!("{}", line(&case));
    }
}

fn line(case: &Case) -> String {
    let Some(bytes) = bytes(&case.source) else {
        return format!("| {} | {} | not found |", case.system, case.what);
    };
    let mut session = Session::default();
    let read = session.begin_ingest(Options::default()).and_then(|()| session.push(&bytes).map(drop));
    if let Err(error) = read.and_then(|()| session.finish_ingest().map(drop)) {
        return format!("| {} | {} | {error} |", case.system, case.what);
    }
    let plan = PartialPlan {
        recipe: Some(case.recipe),
        parameters: Some(Parameters { login_rows: case.login_rows, ..Parameters::default() }),
        ..PartialPlan::default()
    };
    let mut times = Vec::new();
    for _ in 0..N_RUNS {
        let clock = Clock(Instant::now());
        if let Err(error) = session.analyze(plan.clone(), &clock) {
            return format!("| {} | {} | {error} |", case.system, case.what);
        }
        let Ok(analysis) = session.analysis() else { continue };
        times.push((analysis.timings["features"], clock.0.elapsed().as_secs_f64() * 1e3));
    }
    let median = |of: fn(&(f64, f64)) -> f64| {
        let mut all: Vec<f64> = times.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let (Ok(loaded), Ok(analysis)) = (session.loaded(), session.analysis()) else { return String::new() };
    let auc = analysis.metrics.as_ref().map_or("-".to_owned(), |metrics| format!("{:.3}", metrics.roc_auc));
    format!(
        "| {} | {} | {} | {} | {} | {} | {:.1} | {:.0} | {auc} |",
        case.system,
        case.what,
        loaded.ingested.table.n_rows(),
        case.recipe.name(),
        analysis.matrix.n_rows(),
        analysis.matrix.features.len(),
        median(|times| times.0),
        median(|times| times.1),
    )
}

fn bytes(source: &Source) -> Option<Vec<u8>> {
    match source {
        Source::Made(sample) => Some(generate(&Spec::new(*sample)).ok()?.csv),
        Source::File(path) => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
            std::fs::read(root.join(path)).ok()
        }
    }
}

/// A clock for the stages of an analysis.
struct Clock(Instant);

impl Host for Clock {
    fn now_ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1e3
    }
}
