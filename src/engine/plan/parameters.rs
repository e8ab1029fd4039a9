//! Parameters of recipe and model.

use super::models::{
    AutoencoderParameters, EnsembleParameters, IsolationForestParameters, OneClassSvmParameters,
};
use super::recipe::{LoginRows, Period};
use crate::engine::error::{Error, Result, check_whole};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Parameters of recipe and model. Every one has a default, so a plan may name none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Parameters {
    /// Isolation Forest: number of trees, 1 to 10,000. Default 200.
    pub trees: usize,
    /// Isolation Forest: rows per tree, 2 to 65,536; all rows where there are fewer. Default 256.
    pub subsample: usize,
    /// Isolation Forest: which features its cuts involve.
    pub iforest: IsolationForestParameters,
    /// knn and lof: how many neighbours a row has, 1 to 1,000; all others where there are fewer. Default 50: as many abnormal
    /// rows that are alike hide one another.
    pub neighbors: usize,
    /// The autoencoder's.
    pub autoencoder: AutoencoderParameters,
    /// The one-class support vector machine's.
    pub ocsvm: OneClassSvmParameters,
    /// The ensemble's, where several detectors are one.
    pub ensemble: EnsembleParameters,
    /// First hour of night, 0 to 23. Default 0; 22 is suggested for the recipe session.
    pub night_start_hour: u32,
    /// Hour at which night ends (exclusive), 0 to 24; before `night_start_hour`, the night spans midnight. Default 6.
    pub night_end_hour: u32,
    /// Silence that ends a session, seconds, where there is no session column. Default 1,800.
    pub session_gap_secs: f64,
    /// Days of the weekend, 1 Monday to 7 Sunday. Default 6 and 7.
    pub weekend_days: BTreeSet<u8>,
    /// First hour of work, 0 to 23. Default 9.
    pub work_start_hour: u32,
    /// Hour at which work ends (exclusive), 0 to 24; before `work_start_hour`, work spans midnight. Default 17.
    pub work_end_hour: u32,
    /// Recipe user-day: what a user's events are cut into. Default days.
    pub period: Period,
    /// Recipe login: what one row stands for. Default a user.
    pub login_rows: LoginRows,
    /// How many of the most abnormal rows are explained at once. Default 100.
    pub top: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters {
            trees: 200,
            subsample: 256,
            iforest: IsolationForestParameters::default(),
            neighbors: 50,
            autoencoder: AutoencoderParameters::default(),
            ocsvm: OneClassSvmParameters::default(),
            ensemble: EnsembleParameters::default(),
            night_start_hour: 0,
            night_end_hour: 6,
            session_gap_secs: 1_800.0,
            weekend_days: BTreeSet::from([6, 7]),
            work_start_hour: 9,
            work_end_hour: 17,
            period: Period::Day,
            login_rows: LoginRows::User,
            top: 100,
        }
    }
}

impl Parameters {
    /// The largest [`Parameters::neighbors`].
    pub const MAX_NEIGHBORS: usize = 1_000;

    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        check_whole("trees", self.trees, 1..=10_000)?;
        check_whole("subsample", self.subsample, 2..=65_536)?;
        check_whole("neighbors", self.neighbors, 1..=Self::MAX_NEIGHBORS)?;
        self.iforest.check()?;
        self.autoencoder.check()?;
        self.ocsvm.check()?;
        let starts = [("nightStartHour", self.night_start_hour), ("workStartHour", self.work_start_hour)];
        if let Some((name, hour)) = starts.into_iter().find(|(_, hour)| *hour > 23) {
            return Err(Error::parameter(name, "an hour from 0 to 23", hour));
        }
        let ends = [("nightEndHour", self.night_end_hour), ("workEndHour", self.work_end_hour)];
        if let Some((name, hour)) = ends.into_iter().find(|(_, hour)| *hour > 24) {
            return Err(Error::parameter(name, "an hour from 0 to 24", hour));
        }
        if let Some(day) = self.weekend_days.iter().find(|day| !(1..=7).contains(*day)) {
            return Err(Error::parameter("weekendDays", "days from 1 (Monday) to 7 (Sunday)", day));
        }
        if !(self.session_gap_secs > 0.0 && self.session_gap_secs.is_finite()) {
            return Err(Error::parameter("sessionGapSecs", "seconds above 0", self.session_gap_secs));
        }
        Ok(())
    }

    /// Whether an hour of day counts as night.
    pub fn is_night(&self, hour: u32) -> bool {
        is_within(hour, self.night_start_hour, self.night_end_hour)
    }

    /// Whether an hour of day counts as work.
    pub fn is_work(&self, hour: u32) -> bool {
        is_within(hour, self.work_start_hour, self.work_end_hour)
    }
}

/// Whether an hour lies from `start` up to, not including, `end`, over midnight where `end` comes first.
fn is_within(hour: u32, start: u32, end: u32) -> bool {
    if start <= end { (start..end).contains(&hour) } else { hour >= start || hour < end }
}
