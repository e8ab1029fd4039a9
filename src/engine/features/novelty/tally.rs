//! Who uses what within a look-back: counts that a window over the log moves.

/// No code.
pub(super) const NONE: u32 = u32::MAX;

/// Events in the window, by pair of a member and a value. Members are users or, where peers are a column's, users within
/// a group; scopes are everyone or, in that case, a group, and have values of their own.
///
/// 20 bytes for each pair, 8 for each member, 4 for each row.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By table row, [`NONE`] where it has no value.
    pub pair_of_row: Vec<u32>,
    pub value_of_pair: Vec<u32>,
    pub member_of_pair: Vec<u32>,
    /// Empty where there is one scope.
    scope_of_member: Vec<u32>,
    pub n_by_pair: Vec<u32>,
    pub n_by_member: Vec<u32>,
    /// Members with the value in the window.
    pub users_of_value: Vec<u32>,
    /// Members with any value in the window.
    active_of_scope: Vec<u32>,
}

/// What a window knows of the value of an event that comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// Events of the member with this value.
    pub own: u32,
    /// Events of the member with any value.
    pub own_total: u32,
    /// Other members with this value.
    pub others: u32,
    /// Other members with any value.
    pub others_total: u32,
}

impl Tally {
    /// A tally of the pairs of a log whose rows have none yet.
    pub fn new(n_rows: usize) -> Self {
        Tally { pair_of_row: vec![NONE; n_rows], ..Tally::default() }
    }

    /// Numbers a pair that was not there before.
    pub fn add_pair(&mut self, member: u32, value: u32) -> u32 {
        self.value_of_pair.push(value);
        self.member_of_pair.push(member);
        self.value_of_pair.len() as u32 - 1
    }

    /// Makes room for the counts, once all pairs are there.
    pub fn open(&mut self, n_members: usize, n_values: usize, scope_of_member: &[u32], n_scopes: usize) {
        self.n_by_pair = vec![0; self.value_of_pair.len()];
        self.n_by_member = vec![0; n_members];
        self.users_of_value = vec![0; n_values];
        self.scope_of_member = scope_of_member.to_vec();
        self.active_of_scope = vec![0; n_scopes];
    }

    /// Members of the first scope with a value in the window.
    pub fn n_active(&self) -> u32 {
        self.active_of_scope[0]
    }

    /// What is known of a pair.
    #[inline]
    pub fn known(&self, pair: u32) -> Known {
        let member = self.member_of_pair[pair as usize] as usize;
        let own = self.n_by_pair[pair as usize];
        let own_total = self.n_by_member[member];
        let users = self.users_of_value[self.value_of_pair[pair as usize] as usize];
        Known {
            own,
            own_total,
            others: users - u32::from(own > 0),
            others_total: self.active_of_scope[self.scope(member)] - u32::from(own_total > 0),
        }
    }

    /// Takes an event into the window; whether it is the first there of its pair.
    #[inline]
    pub fn enter(&mut self, pair: u32) -> bool {
        let member = self.member_of_pair[pair as usize] as usize;
        let scope = self.scope(member);
        let is_first = self.n_by_pair[pair as usize] == 0;
        self.n_by_pair[pair as usize] += 1;
        self.users_of_value[self.value_of_pair[pair as usize] as usize] += u32::from(is_first);
        self.active_of_scope[scope] += u32::from(self.n_by_member[member] == 0);
        self.n_by_member[member] += 1;
        is_first
    }

    /// Takes an event out of the window; whether it was the last there of its pair.
    #[inline]
    pub fn leave(&mut self, pair: u32) -> bool {
        let member = self.member_of_pair[pair as usize] as usize;
        let scope = self.scope(member);
        self.n_by_pair[pair as usize] -= 1;
        let was_last = self.n_by_pair[pair as usize] == 0;
        self.users_of_value[self.value_of_pair[pair as usize] as usize] -= u32::from(was_last);
        self.n_by_member[member] -= 1;
        self.active_of_scope[scope] -= u32::from(self.n_by_member[member] == 0);
        was_last
    }

    #[inline]
    fn scope(&self, member: usize) -> usize {
        self.scope_of_member.get(member).map_or(0, |&scope| scope as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_forgets_what_leaves_it() {
        let mut tally = Tally::new(0);
        let (anna_de, ben_de, ben_us) = (tally.add_pair(0, 0), tally.add_pair(1, 0), tally.add_pair(1, 1));
        tally.open(2, 2, &[], 1);
        assert!(tally.enter(anna_de) && !tally.enter(anna_de) && tally.enter(ben_us));
        assert_eq!(tally.known(ben_de), Known { own: 0, own_total: 1, others: 1, others_total: 1 });
        assert_eq!(tally.known(anna_de), Known { own: 2, own_total: 2, others: 0, others_total: 1 });
        assert!(!tally.leave(anna_de) && tally.leave(anna_de));
        assert_eq!(tally.known(ben_de), Known { own: 0, own_total: 1, others: 0, others_total: 0 });
    }
}
