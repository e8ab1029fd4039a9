//! One request against one session.

use super::request::{
    Aggregate, EstimateOptions, EvaluateOptions, IngestOptions, PredictionOptions, Request, SampleOptions,
    ThresholdOptions,
};
use super::response::{
    AnalysisView, AnswersView, ColumnSummary, MovedRows, Response, RowsView, RulesView, SampleFile,
    SourceEstimate, TableSummary, ThresholdView,
};
use crate::engine::analysis::{Analysis, Cut};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::features::RowUnit;
use crate::engine::formula::FUNCTIONS;
use crate::engine::host::Host;
use crate::engine::ingest::{self, Encoding, Options, SliceReading};
use crate::engine::learn::LearnTarget;
use crate::engine::plan::Cost;
use crate::engine::session::{Loaded, Session};
use crate::engine::streaming;
use crate::engine::supervised::first_target;
use crate::engine::synth;
use std::sync::Arc;

/// Answers a request.
///
/// # Errors
/// The session's own; see each of its methods.
pub fn dispatch(session: &mut Session, request: Request, host: &dyn Host) -> Result<Response> {
    Ok(match request {
        Request::BeginIngest(options) => {
            let aggregate = options.aggregate.clone();
            let options = ingest_options(*options)?;
            match aggregate {
                None => session.begin_ingest(options)?,
                Some(Aggregate::Guessed) => session.begin_aggregation(options, None)?,
                Some(Aggregate::By(roles)) => session.begin_aggregation(options, Some(roles))?,
            }
            Response::Done
        }
        Request::BeginFile { name } => {
            session.source().begin_file(&name)?;
            Response::Done
        }
        Request::BeginFinish => {
            session.source().begin_finish()?;
            Response::Done
        }
        Request::StepFinish => Response::Step(session.source().step_finish()?),
        Request::CancelIngest => {
            session.cancel_ingest();
            Response::Done
        }
        Request::CloseTable => {
            session.close_table();
            Response::Done
        }
        Request::Summary => Response::Summary(summary(session.loaded()?)),
        Request::Suggest => Response::Suggestion(Box::new(session.suggest()?.clone())),
        Request::BeginProfile(columns) => {
            session.begin_profile(columns.time.as_deref(), columns.entity.as_deref())?;
            Response::Done
        }
        Request::StepProfile => Response::Step(session.step_profile()?),
        Request::CancelProfile => {
            session.cancel_profile();
            Response::Done
        }
        Request::Profile => Response::Profile(Box::new(session.profile()?.clone())),
        Request::CheckFormula(asked) => {
            let check =
                session.check_formula(&asked.formula, asked.entity.as_deref(), asked.time.as_deref())?;
            Response::FormulaCheck(Box::new(check))
        }
        Request::FormulaFunctions => Response::FormulaFunctions(FUNCTIONS),
        Request::BeginAnalysis(plan) => {
            session.begin_analysis(*plan)?;
            Response::Done
        }
        Request::StepAnalysis => Response::Step(session.step_analysis(host)?),
        Request::CancelAnalysis => {
            session.cancel_analysis();
            Response::Done
        }
        Request::Analysis => {
            Response::Analysis(Box::new(analysis_view(session.analysis()?, session.first_target()?)))
        }
        Request::BeginTune(options) => {
            session.begin_tune(*options)?;
            Response::Done
        }
        Request::StepTune => Response::Step(session.step_tune(host)?),
        Request::CancelTune => {
            session.cancel_tune();
            Response::Done
        }
        Request::Tuned => Response::Tuning(Box::new(session.tuned()?.clone())),
        Request::Model => Response::Model(Box::new(session.model()?.info().clone())),
        Request::Unload => {
            session.unload();
            Response::Done
        }
        Request::BeginPrediction(asked) => {
            let PredictionOptions { reading, keep } = *asked;
            let aggregate = reading.aggregate.clone();
            let options = ingest_options(reading)?;
            match aggregate {
                None => session.begin_prediction(options, keep)?,
                Some(Aggregate::Guessed) => session.begin_aggregated_prediction(options, None, keep)?,
                Some(Aggregate::By(roles)) => {
                    session.begin_aggregated_prediction(options, Some(roles), keep)?;
                }
            }
            Response::Done
        }
        Request::StepPrediction => Response::Step(session.step_prediction(host)?),
        Request::Prediction => {
            let analysis = session.prediction()?;
            let view = analysis_view(analysis, first_target(analysis));
            session.end_prediction();
            Response::Analysis(Box::new(view))
        }
        Request::CancelPrediction => {
            session.cancel_prediction();
            Response::Done
        }
        Request::SetThreshold(options) => {
            let (analysis, moved) = session.set_cut(cut(options)?)?;
            Response::Threshold(ThresholdView {
                threshold: analysis.threshold,
                flags: analysis.flags.clone(),
                severity: analysis.severity.clone(),
                ranking: analysis.ranking.flagged.clone(),
                flagged_subjects: analysis.ranking.n_flagged,
                appeared: MovedRows::of(moved.appeared),
                disappeared: MovedRows::of(moved.disappeared),
                metrics: analysis.metrics.clone(),
            })
        }
        Request::Explain { row } => Response::Explanation(session.explain(row)?),
        Request::Counterfactual { row } => Response::Counterfactual(session.counterfactual(row)?),
        Request::BeginGlobal(options) => {
            session.begin_global(&options)?;
            Response::Done
        }
        Request::StepGlobal => Response::Step(session.step_global()?),
        Request::CancelGlobal => {
            session.cancel_global();
            Response::Done
        }
        Request::Global => Response::Global(Box::new(session.global()?.clone())),
        Request::Evaluate(EvaluateOptions { label, labels, budgets }) => Response::Evaluation(match labels {
            Some(labels) => session.evaluate_labels(&labels, &budgets)?,
            None => session.evaluate_column(label.as_deref(), &budgets)?,
        }),
        Request::BeginLearn(options) => {
            session.begin_learn(*options)?;
            Response::Done
        }
        Request::StepLearn => Response::Step(session.step_learn(host)?),
        Request::CancelLearn => {
            session.cancel_learn();
            Response::Done
        }
        Request::Learned => Response::Learned(Box::new(session.learned()?.clone())),
        Request::ExplainLearned(asked) => Response::LearnedExplanation(Box::new(
            session.explain_learned(asked.row, asked.class.as_deref())?,
        )),
        Request::Density(query) => Response::Density(session.density(&query)?),
        Request::Timeline { subject } => Response::Timeline(session.timeline(subject)?),
        Request::Distribution { feature } => Response::Distribution(session.distribution(feature)?),
        Request::RowsAbove(limit) => Response::RowsAbove(session.rows_above(limit.feature, limit.above)?),
        Request::Agreement(options) => Response::Agreement(session.agreement(options.budget)?),
        Request::Correlations => Response::Correlations(session.correlations()?),
        Request::Rows { rows } => Response::Rows(RowsView {
            columns: session.loaded()?.ingested.table.names(),
            cells: session.rows(&rows)?,
        }),
        Request::Export { kind } => Response::File(session.export(kind)?),
        Request::Sample(options) => Response::Sample(sample(options)?),
    })
}

/// Estimates from the first bytes of a source what reading all of it will take.
///
/// # Errors
/// `options`, and those of [`ingest::estimate`].
pub fn estimate(bytes: &[u8], options: EstimateOptions) -> Result<SourceEstimate> {
    let EstimateOptions { options, total_bytes, is_whole } = options;
    let options = ingest_options(options)?;
    let (estimate, sample) = ingest::estimate(bytes, &options, total_bytes, is_whole)?;
    Ok(SourceEstimate { estimate, can_aggregate: streaming::can_aggregate(&sample) })
}

/// Begins to read a slice of a file for the engine that `options` were given to; see [`SliceReading`].
///
/// # Errors
/// `options`.
pub fn slice_reading(options: IngestOptions, schema: &[u8], at: u64) -> Result<SliceReading> {
    SliceReading::new(&ingest_options(options)?, schema, at)
}

fn ingest_options(options: IngestOptions) -> Result<Options> {
    let bad = |name: &str, expected: &str, found: &str| {
        Error::new(ErrorKind::Options {
            name: name.to_owned(),
            expected: expected.to_owned(),
            found: format!("{found:?}"),
        })
    };
    let delimiter = options
        .delimiter
        .map(|text| match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
            _ => Err(bad("delimiter", "one ASCII character, neither quote nor line break", &text)),
        })
        .transpose()?;
    let encoding = options
        .encoding
        .map(|name| {
            Encoding::from_name(&name)
                .ok_or_else(|| bad("encoding", "utf-8, utf-16le, utf-16be or windows-1252", &name))
        })
        .transpose()?;
    Ok(Options {
        format: options.format,
        delimiter,
        encoding,
        header: options.header,
        columns: options.columns,
        max_rows: options.max_rows,
        sample: options.sample,
        missing: options.missing,
        types: options.types,
        names_may_miss: false,
        dates: options.dates,
        zone: options.zone.map(Arc::new),
        // Rows that are added up while they are read need no room.
        total_bytes: options.total_bytes.filter(|_| options.aggregate.is_none()),
    })
}

fn summary(loaded: &Loaded) -> TableSummary {
    let ingested = &loaded.ingested;
    let columns =
        ingested.table.columns().iter().zip(&loaded.profiles).map(|(column, profile)| ColumnSummary {
            name: column.name().to_owned(),
            column_type: column.column_type(),
            missing: profile.missing,
            distinct: profile.distinct,
            examples: profile.examples.clone(),
            joined_of: column.joined_of().unwrap_or_default().to_vec(),
            no_year: column.no_year(),
        });
    TableSummary {
        rows: ingested.table.n_rows(),
        columns: columns.collect(),
        bytes: ingested.n_bytes,
        memory_bytes: ingested.table.heap_bytes(),
        records: ingested.n_records,
        set_aside: ingested.n_records - ingested.n_kept(),
        aggregated: ingested.n_aggregated,
        files: ingested.files.clone(),
        format: ingested.format,
        delimiter: ingested.delimiter.map(|byte| char::from(byte).to_string()),
        encoding: ingested.encoding.name().to_owned(),
        findings: ingested.findings.clone(),
        questions: ingested.questions.clone(),
        time_zone: ingested.time_zone.clone(),
    }
}

fn cut(options: ThresholdOptions) -> Result<Cut> {
    let ThresholdOptions { threshold, contamination, budget, alerts_per_day, miss_cost, false_alarm_cost } =
        options;
    let cost = miss_cost.map(|miss| Cost { miss, false_alarm: false_alarm_cost.unwrap_or(1.0) });
    let given = [
        threshold.map(Cut::Threshold),
        contamination.map(Cut::Contamination),
        budget.map(Cut::Budget),
        alerts_per_day.map(Cut::AlertsPerDay),
        cost.map(Cut::Cost),
    ];
    let refused = |found: &str| {
        Error::new(ErrorKind::Options {
            name: "threshold, contamination, budget, alertsPerDay, missCost".to_owned(),
            expected: "exactly one of them, a number".to_owned(),
            found: found.to_owned(),
        })
    };
    match given.into_iter().flatten().collect::<Vec<Cut>>().as_slice() {
        [_] if miss_cost.is_none() && false_alarm_cost.is_some() => {
            Err(refused("falseAlarmCost without missCost"))
        }
        [cut] => Ok(*cut),
        [] if false_alarm_cost.is_some() => Err(refused("falseAlarmCost alone")),
        [] => Err(refused("none")),
        several => Err(refused(&several.len().to_string())),
    }
}

fn analysis_view(analysis: &Analysis, learn_target: LearnTarget) -> AnalysisView {
    let matrix = &analysis.matrix;
    let is_by_part = matrix.unit != RowUnit::Subject;
    let verdicts = analysis.verdicts.clone().unwrap_or_default();
    AnalysisView {
        plan: analysis.plan.clone(),
        unit: matrix.unit,
        entities: is_by_part.then(|| (0..matrix.n_rows()).map(|row| matrix.entity(row)).collect()),
        features: matrix.features.iter().map(|feature| feature.name.clone()).collect(),
        feature_info: matrix.features.clone(),
        subjects: matrix.subjects.as_slice().into(),
        subject_of_row: matrix.subject_of_row.clone(),
        scores: analysis.scores.clone(),
        members: analysis.members.clone(),
        flags: analysis.flags.clone(),
        severity: analysis.severity.clone(),
        probability: verdicts.probability,
        confidence: verdicts.confidence,
        percentile: verdicts.percentile,
        flags_from: analysis.flags_from(),
        learned: answers_view(analysis),
        threshold: analysis.threshold,
        top: analysis.top.clone(),
        ranking: analysis.ranking.flagged.clone(),
        flagged_subjects: analysis.ranking.n_flagged,
        learn_target,
        time_range: analysis.time_range_ms.map(|(first, last)| [first as f64, last as f64]),
        zoned: analysis.zoned,
        time_zone: analysis.time_zone.clone(),
        unused_rows: matrix.n_unused_rows,
        findings: analysis.findings.clone(),
        rules: analysis.rules.as_ref().map(|rules| RulesView {
            at_least: rules.set.at_least(),
            reached: rules.n_reached,
            rules: rules.rules.clone(),
            points: rules.points.clone(),
        }),
        metrics: analysis.metrics.clone(),
        timings: analysis.timings.clone(),
    }
}

fn answers_view(analysis: &Analysis) -> Option<AnswersView> {
    let learner = analysis.origin.as_ref()?.learner()?;
    let answers = analysis.answers.clone()?;
    Some(AnswersView {
        model: learner.model.name(),
        target: learner.target.clone(),
        task: learner.task,
        classes: learner.classes.clone(),
        predictions: answers.predictions,
        probabilities: answers.probabilities,
    })
}

fn sample(options: SampleOptions) -> Result<SampleFile> {
    let defaults = synth::Spec::new(options.name);
    let generated = synth::generate(&synth::Spec {
        users: options.users.unwrap_or(defaults.users),
        days: options.days.unwrap_or(defaults.days),
        anomalous_share: options.anomalous_share.unwrap_or(defaults.anomalous_share),
        seed: options.seed.unwrap_or(defaults.seed),
        ..defaults
    })?;
    Ok(SampleFile {
        name: options.name.file_name().to_owned(),
        bytes: generated.csv,
        planted: generated.planted,
    })
}
