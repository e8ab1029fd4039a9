//! Seeded sample logs with planted anomalies: something to look at before one's own log, and known truth for tests.
//!
//! Every user draws from a generator of its own, so a user's ordinary behaviour does not depend on how many others
//! there are; a planted anomaly of a named kind is added to it. The same [`Spec`] gives the same bytes everywhere.

mod events;
mod logins;
mod office;
mod people;
mod web;

use super::error::{Error, Result, check_whole};
use super::rng::Rng;
use super::time;
use people::person_name;

/// Built-in samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sample {
    /// `user_id,timestamp,action`: working days in an office.
    OfficeActivity,
    /// `user,time,action,session_id`: visits to a web site.
    WebSessions,
    /// `user,time,ip_address,country,device,browser,success`: logins.
    Logins,
}

impl Sample {
    /// Suggested file name.
    pub fn file_name(self) -> &'static str {
        match self {
            Sample::OfficeActivity => "office-activity.csv",
            Sample::WebSessions => "web-sessions.csv",
            Sample::Logins => "logins.csv",
        }
    }

    /// Kinds of anomaly that can be planted, as [`Generated::kinds`] names them.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            Sample::OfficeActivity => office::KINDS,
            Sample::WebSessions => web::KINDS,
            Sample::Logins => logins::KINDS,
        }
    }
}

/// What to generate.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Which sample.
    pub name: Sample,
    /// Users, 1 to 1,000,000; users times days at most [`Spec::MAX_USER_DAYS`]. Default 500.
    pub users: usize,
    /// Days from Monday 2026-01-05, 1 to 3,660. Default 30.
    pub days: usize,
    /// Share of users with planted anomalies, 0 to 0.5; above 0, at least one. Default 0.06.
    pub anomalous_share: f64,
    /// Seed. Default 1.
    pub seed: u64,
}

impl Spec {
    /// Users times days at most: some ten million events, half a gigabyte.
    pub const MAX_USER_DAYS: usize = 1_000_000;

    /// A sample with every default.
    pub fn new(name: Sample) -> Self {
        Spec { name, users: 500, days: 30, anomalous_share: 0.06, seed: 1 }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// `parameter`, naming it, the range and what was given.
    pub fn check(&self) -> Result<()> {
        check_whole("users", self.users, 1..=1_000_000)?;
        check_whole("days", self.days, 1..=3_660)?;
        if self.users * self.days > Self::MAX_USER_DAYS {
            let most = Self::MAX_USER_DAYS / self.days;
            return Err(Error::parameter(
                "users",
                &format!("at most {most} for {} days", self.days),
                self.users,
            ));
        }
        if !(0.0..=0.5).contains(&self.anomalous_share) {
            return Err(Error::parameter("anomalousShare", "a share from 0 to 0.5", self.anomalous_share));
        }
        Ok(())
    }
}

/// A generated log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// The log as CSV, in order of time.
    pub csv: Vec<u8>,
    /// Users with planted anomalies, in order of user number.
    pub planted: Vec<String>,
    /// The kind of anomaly of each of them, one of [`Sample::kinds`].
    pub kinds: Vec<&'static str>,
}

/// Generates a log.
///
/// # Errors
/// `parameter` when the spec is out of range.
pub fn generate(spec: &Spec) -> Result<Generated> {
    spec.check()?;
    let kinds = spec.name.kinds();
    let kind_of_user = plant(spec, kinds.len());
    let names: Vec<String> = (0..spec.users).map(|user| person_name(spec.seed, user)).collect();
    let log = Log { spec, kind_of_user: &kind_of_user, names: &names };
    let csv = match spec.name {
        Sample::OfficeActivity => office::write(&log),
        Sample::WebSessions => web::write(&log),
        Sample::Logins => logins::write(&log),
    };
    let planted = kind_of_user.iter().enumerate().filter_map(|(user, kind)| Some((user, (*kind)?)));
    let (planted, kinds) = planted.map(|(user, kind)| (names[user].clone(), kinds[kind])).unzip();
    Ok(Generated { csv, planted, kinds })
}

/// What every sample is made from.
struct Log<'a> {
    spec: &'a Spec,
    /// Index of the planted kind, by user.
    kind_of_user: &'a [Option<usize>],
    names: &'a [String],
}

impl Log<'_> {
    /// Users with a generator each and the index of their planted kind.
    fn users(&self) -> impl Iterator<Item = (u32, Rng, Option<usize>)> {
        let each = self.kind_of_user.iter().enumerate();
        each.map(|(user, &kind)| (user as u32, Rng::for_unit(self.spec.seed, user as u64), kind))
    }

    /// Days of the log, as days since 1970-01-01. The first is a Monday.
    fn days(&self) -> std::ops::Range<i64> {
        let first = time::days_from_civil(2026, 1, 5);
        first..first + self.spec.days as i64
    }

    /// Days on which a planted user behaves strangely: about this share of them, drawn, and at least one.
    fn strange_days(&self, rng: &mut Rng, share: f64) -> Vec<i64> {
        let n = ((self.spec.days as f64 * share).round() as usize).max(1);
        let mut days: Vec<i64> = rng
            .sample_indices(self.spec.days, n)
            .into_iter()
            .map(|day| self.days().start + day as i64)
            .collect();
        days.sort_unstable();
        days
    }
}

/// Draws the users with planted anomalies and deals the kinds out to them in turn.
fn plant(spec: &Spec, n_kinds: usize) -> Vec<Option<usize>> {
    let mut n_planted = (spec.users as f64 * spec.anomalous_share).round() as usize;
    if spec.anomalous_share > 0.0 {
        n_planted = n_planted.max(1);
    }
    let mut kind_of_user = vec![None; spec.users];
    // The last unit: no user has its number.
    let mut rng = Rng::for_unit(spec.seed, u64::MAX - 1);
    for (turn, user) in rng.sample_indices(spec.users, n_planted).into_iter().enumerate() {
        kind_of_user[user] = Some(turn % n_kinds);
    }
    kind_of_user
}
