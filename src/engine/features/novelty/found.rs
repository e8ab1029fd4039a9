//! What the passes find, kept so that it is read in the order in which it is measured.

use super::tally::NONE;

/// A bit in the flags of a row: its value of a kind was used by nobody of these before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewTo {
    /// The user itself.
    User,
    /// Its peers, nor itself.
    Peers,
    /// All users.
    Everyone,
}

/// Shares of a kind in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    pub own: f32,
    pub peers: f32,
    pub everyone: f32,
}

pub(super) const NO_SHARES: Shares = Shares { own: f32::NAN, peers: f32::NAN, everyone: f32::NAN };
pub(super) const NEW_ACCOUNT: u32 = 1 << 30;
pub(super) const DORMANT_RETURN: u32 = 1 << 31;
/// The bits of what is new.
const NEWS: u32 = NEW_ACCOUNT - 1;

/// What is new in each row of a table: 4 bytes a row, and 20 and 12 for each kind an event. Events have places: a user's
/// lie side by side in order of time, for that is how they are read, and what comes next for a user is already near.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By table row, [`NONE`] where it is no user's event.
    pub place_of_row: Vec<u32>,
    n_kinds: usize,
    pub events: Vec<FoundEvent>,
    /// By event and kind.
    pub shares: Vec<Shares>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct FoundEvent {
    /// Its table row, and whose it is.
    pub row: u32,
    pub user: u32,
    /// Three bits for each kind, and two of the user's times.
    pub flags: u32,
    pub burst: f32,
    pub country_changes: u16,
}

impl Found {
    pub fn new(n_rows: usize, n_used: usize, n_kinds: usize) -> Self {
        Found {
            place_of_row: vec![NONE; n_rows],
            n_kinds,
            events: Vec::with_capacity(n_used),
            shares: vec![NO_SHARES; n_used * n_kinds],
        }
    }

    /// What was found of a row, and its shares by kind; `None` where it is no user's event. `next` is a place where that
    /// may be, and then the one after: rows that are asked for in order of place are found without a look all over memory.
    #[inline]
    pub fn of_row(&self, row: u32, next: &mut usize) -> Option<(FoundEvent, &[Shares])> {
        if self.events.get(*next).is_none_or(|event| event.row != row) {
            *next = self.place_of_row[row as usize] as usize;
        }
        let event = *self.events.get(*next)?;
        let shares = &self.shares[*next * self.n_kinds..(*next + 1) * self.n_kinds];
        *next += 1;
        Some((event, shares))
    }
}

impl FoundEvent {
    #[inline]
    pub fn is_new(self, kind: usize, to: NewTo) -> bool {
        is_new(self.flags, kind, to)
    }

    /// Whether a value of any kind is new to anybody.
    #[inline]
    pub fn has_news(self) -> bool {
        self.flags & NEWS != 0
    }

    #[inline]
    pub fn is_new_account(self) -> bool {
        self.flags & NEW_ACCOUNT != 0
    }

    #[inline]
    pub fn is_dormant_return(self) -> bool {
        self.flags & DORMANT_RETURN != 0
    }
}

/// Whether flags say that the value of a kind is new.
#[inline]
pub(super) fn is_new(flags: u32, kind: usize, to: NewTo) -> bool {
    flags >> (kind * 3 + to as usize) & 1 == 1
}
