//! A fitted pipeline, written and read.

use super::envelope::{self, damaged};
use super::fields::{fields_of, notes_of};
use super::info::{FeatureInfo, ModelInfo, schema_hash};
use super::learned::{self, LearnedInfo};
use super::reference::Reference;
use crate::engine::detect::{Detector as _, Model};
use crate::engine::error::{Error, ErrorKind, Result};
use crate::engine::features::{Feature, FeatureMatrix};
use crate::engine::finding::{Finding, FindingKind};
use crate::engine::ingest::{DateOrder, Options};
use crate::engine::learn::Learner;
use crate::engine::plan::{Plan, Role, Treatment};
use crate::engine::prepare::{self, FittedPreparation, Missing};
use crate::engine::profile::ColumnProfile;
use crate::engine::table::{ColumnType, Table};
use crate::engine::time::zone::Zone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A fitted pipeline. Clones share the model.
#[derive(Debug, Clone)]
pub struct Pipeline {
    info: ModelInfo,
    features: Vec<Feature>,
    fitted: Fitted,
    reading: Reading,
    /// The supervised model beside it; [`ModelInfo::learned`] speaks of it.
    learner: Option<Arc<Learner>>,
}

/// What was fitted.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// How features become what the model sees.
    pub preparation: Arc<FittedPreparation>,
    /// The model.
    pub model: Arc<Model>,
    /// Rows with a score above are flagged.
    pub threshold: f64,
    /// What it remembers of the rows it was fitted to.
    pub reference: Arc<Reference>,
}

/// How a source is to be read so that its values mean what they meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Reading {
    /// What missing values of columns with a treatment become.
    fills: Vec<(String, String)>,
    /// Types to read columns by.
    types: Vec<(String, ColumnType)>,
    /// Columns of dates, and whether the day stands first.
    day_first: Vec<(String, bool)>,
    /// Words that mean "no value", where the caller gave them.
    missing_words: Option<Vec<String>>,
    zone: Option<Zone>,
}

/// A table that was analysed.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// As it was read, before treatments.
    pub table: &'a Table,
    /// One per column.
    pub profiles: &'a [ColumnProfile],
    /// Words that mean "no value", where the caller gave them.
    pub missing_words: Option<&'a [String]>,
    /// Whether its rows were added up per user.
    pub is_aggregated: bool,
}

impl Pipeline {
    /// A pipeline of what was fitted to a matrix of a table by a plan.
    ///
    /// # Errors
    /// Those of the plan's treatments.
    pub fn of(
        source: Source<'_>,
        plan: &Plan,
        matrix: &FeatureMatrix,
        fitted: Fitted,
        metrics: BTreeMap<String, f64>,
    ) -> Result<Pipeline> {
        let Source { table, profiles, .. } = source;
        let fields = fields_of(table, profiles, plan, &matrix.features);
        let reference = &fitted.reference;
        let features = matrix.features.iter().zip(matrix.values.columns()).zip(&reference.baselines.features);
        let fills = prepare::constants(table, plan)?;
        let columns = || table.columns().iter();
        let is_field = |name: &str| fields.iter().any(|field| field.name == name);
        // Of a column made of two, these are what a file has.
        let parts: Vec<&String> = columns()
            .filter(|column| is_field(column.name()))
            .filter_map(|column| column.joined_of())
            .flatten()
            .collect();
        let is_part = |name: &str| parts.iter().any(|part| *part == name);
        let types_of_parts = columns()
            .filter(|column| is_part(column.name()) && !is_field(column.name()))
            .map(|column| (column.name().to_owned(), column.column_type()));
        let types = fields
            .iter()
            .map(|field| (field.name.clone(), read_as(field.column_type, field.role)))
            .chain(types_of_parts);
        let day_first = columns()
            .filter(|column| is_field(column.name()) || is_part(column.name()))
            .filter_map(|column| Some((column.name().to_owned(), column.day_first()?)));
        let zone = columns().find_map(|column| column.zone()).cloned();
        let info = ModelInfo {
            format: envelope::VERSION,
            created_by: concat!("isoscope ", env!("CARGO_PKG_VERSION")).to_owned(),
            plan: plan.clone(),
            unit: matrix.unit,
            detectors: plan.detector.names().iter().map(|name| name.name().to_owned()).collect(),
            features: features
                .map(|((feature, values), baseline)| {
                    FeatureInfo::of(feature, values.iter().copied(), baseline.median)
                })
                .collect(),
            model_columns: fitted.preparation.columns().len(),
            rows: reference.n_rows,
            flagged_rows: reference.n_flagged,
            table_rows: table.n_rows() as u64,
            threshold: fitted.threshold,
            contamination: reference.n_flagged as f64 / reference.n_rows.max(1) as f64,
            seed: plan.seed,
            schema_hash: schema_hash(&fields),
            metrics,
            learned: None,
            time_zone: zone.as_ref().map(|zone| zone.name().to_owned()),
            notes: notes_of(plan, matrix.unit, source.is_aggregated),
            fields: Vec::new(),
        };
        let reading = Reading {
            fills,
            types: types.collect(),
            day_first: day_first.collect(),
            missing_words: source.missing_words.map(<[String]>::to_vec),
            zone,
        };
        Ok(Pipeline {
            info: ModelInfo { fields, ..info },
            features: matrix.features.clone(),
            fitted,
            reading,
            learner: None,
        })
    }

    /// The same with a model that was learned from rows with its features.
    pub fn with_learner(&self, learner: Arc<Learner>, info: LearnedInfo) -> Pipeline {
        let mut pipeline = self.clone();
        pipeline.learner = Some(learner);
        pipeline.info.learned = Some(info);
        pipeline
    }

    /// The same with another threshold.
    pub fn with_threshold(&self, threshold: f64) -> Pipeline {
        let mut pipeline = self.clone();
        pipeline.fitted.threshold = threshold;
        pipeline.info.threshold = threshold;
        pipeline
    }

    /// What is to be said of it.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// The features that it knows, in their order.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// What was fitted.
    pub fn fitted(&self) -> &Fitted {
        &self.fitted
    }

    /// The supervised model beside it.
    pub fn learner(&self) -> Option<&Arc<Learner>> {
        self.learner.as_ref()
    }

    /// As a file.
    ///
    /// # Errors
    /// None that can be met: what was fitted can be written.
    pub fn save(&self) -> Result<Vec<u8>> {
        let failed = |what: String| damaged(format!("it cannot be written: {what}"));
        let header = serde_json::to_vec(&self.info).map_err(|error| failed(error.to_string()))?;
        let Fitted { preparation, model, threshold, reference } = &self.fitted;
        let payload = (&**preparation, &**model, threshold, &**reference, &self.reading);
        let mut payload = postcard::to_allocvec(&payload).map_err(|error| failed(error.to_string()))?;
        if let Some(learner) = &self.learner {
            payload.extend(learned::write(learner).map_err(|error| failed(error.to_string()))?);
        }
        Ok(envelope::write(&header, &payload))
    }

    /// From a file.
    ///
    /// # Errors
    /// `not-a-model`, `model-cut`, `model-too-new`, `model-damaged`.
    pub fn load(file: &[u8]) -> Result<Pipeline> {
        let (format, header, payload) = envelope::read(file)?;
        let mut info: ModelInfo = serde_json::from_slice(header)
            .map_err(|error| damaged(format!("its header cannot be read ({error})")))?;
        info.format = format;
        type Payload = (FittedPreparation, Model, f64, Reference, Reading);
        let ((preparation, model, threshold, reference, reading), rest): (Payload, _) =
            postcard::take_from_bytes(payload)
                .map_err(|error| damaged(format!("its content cannot be read ({error})")))?;
        let features: Vec<Feature> = info.features.iter().map(FeatureInfo::feature).collect();
        let checked = preparation.check(&features, Missing::Refused).and_then(|()| model.check());
        checked.map_err(damaged)?;
        let n_columns = preparation.columns().len();
        if n_columns == 0 || model.n_features() != n_columns || !reference.check(features.len()) {
            return Err(damaged("its parts do not go together"));
        }
        if !threshold.is_finite() {
            return Err(damaged("its threshold is no number"));
        }
        info.threshold = threshold;
        let learner = learned::read(rest, &features)?;
        info.learned = match (info.learned, &learner) {
            (None, None) => None,
            (Some(info), Some(learner)) => Some(info.of_learner(learner)),
            _ => return Err(damaged("its header and its content do not go together")),
        };
        let fitted = Fitted {
            preparation: Arc::new(preparation),
            model: Arc::new(model),
            threshold,
            reference: Arc::new(reference),
        };
        Ok(Pipeline { info, features, fitted, reading, learner: learner.map(Arc::new) })
    }

    /// Options that read a source so that its columns are what they were: types, dates, zone and words for missing values
    /// come from the model where the caller does not give them.
    pub fn reading(&self, asked: Options) -> Options {
        let Reading { types, day_first, missing_words, zone, .. } = &self.reading;
        let order = |day_first| if day_first { DateOrder::DayFirst } else { DateOrder::MonthFirst };
        let mut options = Options { names_may_miss: true, ..asked };
        for (name, column_type) in types {
            options.types.entry(name.clone()).or_insert(*column_type);
        }
        for (name, day_first) in day_first {
            options.dates.entry(name.clone()).or_insert(order(*day_first));
        }
        options.missing = options.missing.or_else(|| missing_words.clone());
        options.zone = options.zone.or_else(|| zone.clone().map(Arc::new));
        options
    }

    /// The plan for a table, which may lack columns that are not needed: treatments are those constants that they were,
    /// and what the table has no column for is left out.
    ///
    /// # Errors
    /// `other-columns` where a needed column is missing, or none of its values could be read.
    pub fn plan_for(&self, table: &Table, findings: &[Finding]) -> Result<Plan> {
        let has = |name: &str| table.index_of(name).is_ok();
        let (mut missing, mut unlike) = (Vec::new(), Vec::new());
        for field in self.info.fields.iter().filter(|field| field.required) {
            let named = || (field.name.clone(), field.column_type.name());
            match table.index_of(&field.name) {
                Err(_) => missing.push(named()),
                Ok(place) if is_unlike(table, place, findings) => unlike.push(named()),
                Ok(_) => {}
            }
        }
        if !missing.is_empty() || !unlike.is_empty() {
            return Err(Error::new(ErrorKind::OtherColumns { missing, unlike, columns: table.names() }));
        }
        let mut plan = self.info.plan.clone();
        plan.roles.retain(|_, column| has(column));
        plan.label = plan.label.filter(|label| has(label));
        if plan.label.is_none() {
            plan.roles.remove(&Role::Label);
        }
        plan.treatments.retain(|column, treatment| *treatment == Treatment::Drop && has(column));
        let fills = self.reading.fills.iter().filter(|(column, _)| has(column));
        plan.treatments
            .extend(fills.map(|(column, text)| (column.clone(), Treatment::Constant(text.clone()))));
        plan.threshold = Some(self.fitted.threshold);
        Ok(plan)
    }
}

/// The type by which a column of some type is read again. Whole numbers may have had no fraction by chance.
fn read_as(column_type: ColumnType, role: Option<Role>) -> ColumnType {
    match column_type {
        ColumnType::Integer if role.is_none() => ColumnType::Float,
        other => other,
    }
}

/// Whether a column has values of which none could be read as its type.
fn is_unlike(table: &Table, place: usize, findings: &[Finding]) -> bool {
    let column = &table.columns()[place];
    column.validity().n_missing() == column.len()
        && findings.iter().any(|finding| {
            finding.column.as_deref() == Some(column.name())
                && matches!(
                    finding.kind,
                    FindingKind::BadNumber | FindingKind::BadTime | FindingKind::BadValue
                )
        })
}
