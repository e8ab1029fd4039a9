//! What a session says of its table before anything is analysed.

use super::{Session, not_ready};
use crate::engine::error::Result;
use crate::engine::formula::{self, FormulaCheck};
use crate::engine::host::Progress;
use crate::engine::plan::Role;
use crate::engine::profile::{Profile, ProfileJob, ProfileOptions};

/// Whether a role's columns are counted per entity however many values they have.
fn is_counted(role: &Role) -> bool {
    use Role::{Action, Address, Browser, City, Country, Device, Region, Session};
    matches!(role, Action | Session | Device | Address | Country | Region | City | Browser)
}

impl Session {
    /// Starts an exploration of the table, with the named columns as its time and its entity, else the suggested ones. The
    /// earlier profile stays until the new one is whole.
    ///
    /// # Errors
    /// `not-ready` without a table; `no-such-column`; `wrong-type` for a time column without times.
    pub fn begin_profile(&mut self, time: Option<&str>, entity: Option<&str>) -> Result<()> {
        let table = self.table()?;
        let plan = &self.suggest()?.plan;
        let counted =
            Role::ALL.into_iter().filter(is_counted).filter_map(|role| plan.column(role, table).transpose());
        let options = ProfileOptions {
            time: self.named_or_suggested(time, Role::Time)?,
            entity: self.named_or_suggested(entity, Role::Entity)?,
            counted: counted.collect::<Result<_>>()?,
        };
        self.exploring = Some(ProfileJob::new(table, options)?);
        Ok(())
    }

    /// Does a few milliseconds of the exploration. `None` when it is whole and has taken the earlier one's place.
    ///
    /// # Errors
    /// `not-ready` without an exploration under way.
    pub fn step_profile(&mut self) -> Result<Option<Progress>> {
        let mut job = self.exploring.take().ok_or_else(|| not_ready("beginProfile"))?;
        let table = self.table()?;
        if job.is_done() {
            self.profile = Some(job.finish(table));
            return Ok(None);
        }
        let progress = job.step(table);
        self.exploring = Some(job);
        Ok(Some(progress))
    }

    /// Forgets the exploration under way.
    pub fn cancel_profile(&mut self) {
        self.exploring = None;
    }

    /// The profile made last.
    ///
    /// # Errors
    /// `not-ready` before the first of this table.
    pub fn profile(&self) -> Result<&Profile> {
        self.profile.as_ref().ok_or_else(|| not_ready("profile"))
    }

    /// Looks at a formula while it is being written. What its first values are of goes by the named columns as entity and
    /// time, else the suggested ones; treatments have no effect on them.
    ///
    /// # Errors
    /// `not-ready` without a table; `no-such-column`. What is wrong with the formula is in the answer.
    pub fn check_formula(
        &self,
        text: &str,
        entity: Option<&str>,
        time: Option<&str>,
    ) -> Result<FormulaCheck> {
        let table = self.table()?;
        let entity = self.named_or_suggested(entity, Role::Entity)?;
        let time = self.named_or_suggested(time, Role::Time)?;
        Ok(formula::check(text, table, entity, time))
    }

    /// A column by name, or the one that is suggested for a role.
    fn named_or_suggested(&self, name: Option<&str>, role: Role) -> Result<Option<usize>> {
        let table = self.table()?;
        match name {
            Some(name) => table.index_of(name).map(Some),
            None => self.suggest()?.plan.column(role, table),
        }
    }
}
