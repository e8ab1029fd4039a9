//! Requests: one enum, one variant per call.

use super::refusal::refused;
use crate::engine::bins::DensityQuery;
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::explain::GlobalOptions;
use crate::engine::export::ExportKind;
use crate::engine::features::LoginRoles;
use crate::engine::ingest::{DateOrder, Format, RowSample};
use crate::engine::plan::PartialPlan;
use crate::engine::supervised::LearnOptions;
use crate::engine::synth::Sample;
use crate::engine::table::ColumnType;
use crate::engine::time::zone::Zone;
use crate::engine::tune::TuneOptions;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// A call to the engine. In JSON `{ "method": "explain", "params": { "row": 3 } }`; see [`Request::parse`].
///
/// Bytes of a source do not come this way: the binding hands them to `Session::push` uncopied.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Starts reading a source. An earlier table stays until the new one is whole.
    BeginIngest(Box<IngestOptions>),
    /// Begins the next file of the source being read.
    BeginFile {
        /// The file's name, for messages and the summary.
        name: String,
    },
    /// Ends the source; `StepFinish` until it says done.
    BeginFinish,
    /// Does a few milliseconds of making the table.
    StepFinish,
    /// Forgets the source being read, or made a table of; the earlier table stays.
    CancelIngest,
    /// Forgets the table and everything made of it; what is being read stays.
    CloseTable,
    /// What was read last.
    Summary,
    /// Guesses a plan.
    Suggest,
    /// Starts an exploration; `StepProfile` until it says done.
    BeginProfile(ProfileColumns),
    /// Does a few milliseconds of the exploration.
    StepProfile,
    /// Forgets the exploration under way; the earlier one stays.
    CancelProfile,
    /// The profile made last.
    Profile,
    /// Looks at a formula while it is being written.
    CheckFormula(FormulaOptions),
    /// The functions that formulas may call. Needs no table.
    FormulaFunctions,
    /// Starts an analysis; `StepAnalysis` until it says done.
    BeginAnalysis(Box<PartialPlan>),
    /// Does a few milliseconds of the analysis.
    StepAnalysis,
    /// Forgets the analysis under way; the earlier one stays.
    CancelAnalysis,
    /// The analysis made last.
    Analysis,
    /// Starts a search for parameters; `StepTune` until it says done.
    BeginTune(Box<TuneOptions>),
    /// Does a few milliseconds of the search.
    StepTune,
    /// Forgets the search under way; the earlier one stays.
    CancelTune,
    /// The search made last.
    Tuned,
    /// What is said of the model that `save` would write and predictions are made by.
    Model,
    /// Forgets the model that was loaded.
    Unload,
    /// Starts reading a source to be scored by that model; table and analysis stay as they are.
    BeginPrediction(Box<PredictionOptions>),
    /// Does a few milliseconds of scoring a source that has ended.
    StepPrediction,
    /// The source scored; it is forgotten then, or takes the place of table and analysis.
    Prediction,
    /// Forgets the prediction under way.
    CancelPrediction,
    /// Moves the threshold; flags, severities and the ranking follow.
    SetThreshold(ThresholdOptions),
    /// Explains a matrix row.
    Explain {
        /// Matrix row.
        row: usize,
    },
    /// The smallest change after which a matrix row would not be flagged.
    Counterfactual {
        /// Matrix row.
        row: usize,
    },
    /// Starts a look at what moves the scores of all rows; `StepGlobal` until it says done.
    BeginGlobal(GlobalOptions),
    /// Does a few milliseconds of it.
    StepGlobal,
    /// Forgets the one under way; the earlier one stays.
    CancelGlobal,
    /// What moves the scores of all rows, as found last.
    Global,
    /// Judges the scores against labels.
    Evaluate(EvaluateOptions),
    /// Starts learning on the features, to be judged on held-out rows; `StepLearn` until it says done.
    BeginLearn(Box<LearnOptions>),
    /// Does a few milliseconds of learning.
    StepLearn,
    /// Forgets the learning under way; what was learned before stays.
    CancelLearn,
    /// What was learned last.
    Learned,
    /// Explains what the learned model says of a matrix row.
    ExplainLearned(ExplainLearnedOptions),
    /// Events binned by time and subject.
    Density(DensityQuery),
    /// Everything one subject did, over time.
    Timeline {
        /// Subject index.
        subject: u32,
    },
    /// One feature's distribution among normal and flagged rows.
    Distribution {
        /// Feature index.
        feature: usize,
    },
    /// How features go together.
    Correlations,
    /// How far the detectors of an ensemble agree.
    Agreement(AgreementOptions),
    /// How many rows have a feature above a value.
    RowsAbove(Limit),
    /// Cells of table rows as text.
    Rows {
        /// Table rows, at most 10,000.
        rows: Vec<u32>,
    },
    /// A file to download.
    Export {
        /// Which.
        kind: ExportKind,
    },
    /// A generated sample log. Needs no table.
    Sample(SampleOptions),
}

impl Request {
    /// A request from its JSON text. Read by hand, method first: serde's own tagged enums buffer the parameters and so
    /// compile every one of them twice.
    ///
    /// # Errors
    /// `options` when the method is unknown, or a parameter is unknown, missing or of another type, by its name.
    pub fn parse(text: &str) -> Result<Request> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            method: &'a str,
            #[serde(borrow)]
            params: Option<&'a RawValue>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Row {
            row: usize,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Subject {
            subject: u32,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Feature {
            feature: usize,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Rows {
            rows: Vec<u32>,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Name {
            name: String,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Kind {
            kind: ExportKind,
        }
        fn read<'a, T: Deserialize<'a>>(method: &str, params: &'a str) -> Result<T> {
            serde_json::from_str(params).map_err(|error| refused(method, params, &error))
        }
        let Envelope { method, params } =
            serde_json::from_str(text).map_err(|error| refused("call", text, &error))?;
        let params = params.map_or("{}", RawValue::get);
        Ok(match method {
            "beginIngest" => Request::BeginIngest(Box::new(read(method, params)?)),
            "beginFile" => Request::BeginFile { name: read::<Name>(method, params)?.name },
            "beginFinish" => Request::BeginFinish,
            "stepFinish" => Request::StepFinish,
            "cancelIngest" => Request::CancelIngest,
            "closeTable" => Request::CloseTable,
            "summary" => Request::Summary,
            "suggest" => Request::Suggest,
            "beginProfile" => Request::BeginProfile(read(method, params)?),
            "stepProfile" => Request::StepProfile,
            "cancelProfile" => Request::CancelProfile,
            "profile" => Request::Profile,
            "checkFormula" => Request::CheckFormula(read(method, params)?),
            "formulaFunctions" => Request::FormulaFunctions,
            "beginAnalysis" => Request::BeginAnalysis(Box::new(read(method, params)?)),
            "stepAnalysis" => Request::StepAnalysis,
            "cancelAnalysis" => Request::CancelAnalysis,
            "analysis" => Request::Analysis,
            "beginTune" => Request::BeginTune(Box::new(read(method, params)?)),
            "stepTune" => Request::StepTune,
            "cancelTune" => Request::CancelTune,
            "tuned" => Request::Tuned,
            "model" => Request::Model,
            "unload" => Request::Unload,
            "beginPrediction" => Request::BeginPrediction(Box::new(read(method, params)?)),
            "stepPrediction" => Request::StepPrediction,
            "prediction" => Request::Prediction,
            "cancelPrediction" => Request::CancelPrediction,
            "setThreshold" => Request::SetThreshold(read(method, params)?),
            "explain" => Request::Explain { row: read::<Row>(method, params)?.row },
            "counterfactual" => Request::Counterfactual { row: read::<Row>(method, params)?.row },
            "beginGlobal" => Request::BeginGlobal(read(method, params)?),
            "stepGlobal" => Request::StepGlobal,
            "cancelGlobal" => Request::CancelGlobal,
            "global" => Request::Global,
            "evaluate" => Request::Evaluate(read(method, params)?),
            "beginLearn" => Request::BeginLearn(Box::new(read(method, params)?)),
            "stepLearn" => Request::StepLearn,
            "cancelLearn" => Request::CancelLearn,
            "learned" => Request::Learned,
            "explainLearned" => Request::ExplainLearned(read(method, params)?),
            "density" => Request::Density(read(method, params)?),
            "timeline" => Request::Timeline { subject: read::<Subject>(method, params)?.subject },
            "distribution" => Request::Distribution { feature: read::<Feature>(method, params)?.feature },
            "correlations" => Request::Correlations,
            "agreement" => Request::Agreement(read(method, params)?),
            "rowsAbove" => Request::RowsAbove(read(method, params)?),
            "rows" => Request::Rows { rows: read::<Rows>(method, params)?.rows },
            "export" => Request::Export { kind: read::<Kind>(method, params)?.kind },
            "sample" => Request::Sample(read(method, params)?),
            unknown => {
                return Err(Error::new(ErrorKind::Options {
                    name: "method".to_owned(),
                    expected: "a method of the protocol".to_owned(),
                    found: format!("{unknown:?}"),
                }));
            }
        })
    }
}

/// How to read a source. All optional; what is not given is guessed from the first bytes.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct IngestOptions {
    /// `"delimited"`, `"json-lines"`, `"json-array"`, `"combined-log"`, `"common-log"`, `"extended-log"`, `"sshd"` or `"syslog"`.
    pub format: Option<Format>,
    /// One ASCII character.
    pub delimiter: Option<String>,
    /// `"utf-8"`, `"utf-16le"`, `"utf-16be"`, `"windows-1252"`.
    pub encoding: Option<String>,
    /// Whether the first record names the columns.
    pub header: Option<bool>,
    /// Keep only these columns.
    pub columns: Option<Vec<String>>,
    /// Keep only the first rows.
    pub max_rows: Option<u64>,
    /// Keep a seeded share of the rows.
    pub sample: Option<RowSample>,
    /// Add rows up into one per user while they are read: `true`, with guessed columns, or the columns by role.
    #[serde(deserialize_with = "aggregate")]
    pub aggregate: Option<Aggregate>,
    /// Words that mean "no value", instead of the default ones.
    pub missing: Option<Vec<String>>,
    /// Types of columns, by name.
    pub types: BTreeMap<String, ColumnType>,
    /// `"day-first"` or `"month-first"`, by column, where a column's dates do not decide it.
    pub dates: BTreeMap<String, DateOrder>,
    /// The zone of times that name none. The client makes it from the name that callers give as `timeZone`.
    pub zone: Option<Zone>,
    /// Bytes of the source as it lies, where they are known: the client's own, for it is no choice of a caller.
    pub total_bytes: Option<u64>,
}

/// How a source is read that is to be scored, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PredictionOptions {
    /// How to read it; types, dates, zone and words for missing values are the model's where they are not given.
    pub reading: IngestOptions,
    /// Whether it takes the place of table and analysis.
    pub keep: bool,
}

/// How rows are added up into one per user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aggregate {
    /// By the columns that the first rows suggest.
    Guessed,
    /// By these columns; what has none is not counted.
    By(LoginRoles),
}

impl Serialize for Aggregate {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Aggregate::Guessed => serializer.serialize_bool(true),
            Aggregate::By(roles) => roles.serialize(serializer),
        }
    }
}

/// `true`, `false` or an object. By hand, as serde's untagged enums say of no mistake where it is.
fn aggregate<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Aggregate>, D::Error> {
    struct Either;
    impl<'de> Visitor<'de> for Either {
        type Value = Option<Aggregate>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(
                "aggregate: true, false, or the columns by role, of which entity and time are needed",
            )
        }

        fn visit_bool<E: de::Error>(self, is_asked: bool) -> std::result::Result<Self::Value, E> {
            Ok(is_asked.then_some(Aggregate::Guessed))
        }

        fn visit_unit<E: de::Error>(self) -> std::result::Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Self::Value, A::Error> {
            LoginRoles::deserialize(de::value::MapAccessDeserializer::new(map))
                .map(|roles| Some(Aggregate::By(roles)))
        }
    }
    deserializer.deserialize_any(Either)
}

/// Which columns an exploration takes for time and entity; the suggested ones when not named.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ProfileColumns {
    /// For rows over time.
    pub time: Option<String>,
    /// For what is counted per entity.
    pub entity: Option<String>,
}

/// A formula, and which columns its first values take for entity and time; the suggested ones when not named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FormulaOptions {
    /// The formula.
    pub formula: String,
    /// Whose rows are taken together.
    #[serde(default)]
    pub entity: Option<String>,
    /// What brings them in order.
    #[serde(default)]
    pub time: Option<String>,
}

/// What to estimate from the first bytes of a source. Its bytes come uncopied beside it, as for `push`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EstimateOptions {
    /// How the source will be read.
    pub options: IngestOptions,
    /// Bytes of the whole source.
    pub total_bytes: u64,
    /// Whether the bytes given are the whole source.
    pub is_whole: bool,
}

impl EstimateOptions {
    /// From JSON text.
    ///
    /// # Errors
    /// `options`.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| refused("estimate", text, &error))
    }
}

/// At which budget detectors are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AgreementOptions {
    /// Rows that each may flag; as many as are flagged now when not given.
    pub budget: Option<usize>,
}

/// A limit that a feature may be above.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Feature index.
    pub feature: usize,
    /// The limit.
    pub above: f64,
}

/// Where to cut the scores. Exactly one is given; the two costs are one.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ThresholdOptions {
    /// Flag rows whose score is above this.
    pub threshold: Option<f64>,
    /// Flag this share of rows.
    pub contamination: Option<f64>,
    /// Flag this many rows.
    pub budget: Option<usize>,
    /// Flag so many rows for each day that the log covers.
    pub alerts_per_day: Option<f64>,
    /// What an abnormal row costs that is not flagged: flag so that mistakes cost least on the labelled rows.
    pub miss_cost: Option<f64>,
    /// What a normal row costs that is flagged. Default 1.
    pub false_alarm_cost: Option<f64>,
}

/// Which labels to judge against: a label column (the plan's when not named), or one label per matrix row.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct EvaluateOptions {
    /// A column of the table.
    pub label: Option<String>,
    /// One per matrix row, true for abnormal.
    pub labels: Option<Vec<bool>>,
    /// Numbers of rows for [`crate::engine::evaluate::Evaluation::top`], beside the plan's budget and round ones.
    pub budgets: Vec<u64>,
}

/// Which answer of the learned model to explain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExplainLearnedOptions {
    /// Matrix row.
    pub row: usize,
    /// Of more than two classes, the one whose score is explained; the most probable one when not named.
    #[serde(default)]
    pub class: Option<String>,
}

/// What to generate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SampleOptions {
    /// Which sample.
    pub name: Sample,
    /// Users, 1 to 1,000,000. Default 500.
    #[serde(default)]
    pub users: Option<usize>,
    /// Days, 1 to 3,660. Default 30.
    #[serde(default)]
    pub days: Option<usize>,
    /// Share of users with planted anomalies, 0 to 0.5. Default 0.06.
    #[serde(default)]
    pub anomalous_share: Option<f64>,
    /// Seed. Default 1.
    #[serde(default)]
    pub seed: Option<u64>,
}
