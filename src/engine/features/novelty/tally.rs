//! Who uses what within a look-back: counts that a window over the log moves.

/// No code.
pub(super) const NONE: u32 = u32::MAX;

/// A member and a value that it has somewhere in the log: all that an event asks for lies together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub member: u32,
    pub value: u32,
    /// Events in the window.
    pub n: u32,
    /// Peers of the member with the value in the window, when the value had changed [`Value::n_changes`] times.
    n_peers: u32,
    n_changes: u32,
}

#[derive(Debug, Clone, Copy)]
struct Value {
    /// Members with the value in the window.
    users: u32,
    /// How often that has changed, or who is whose peer; from 1 on.
    n_changes: u32,
}

/// Events in the window, by pair of a member and a value. Members are users or, where peers are a column's, users within
/// a group; scopes are everyone or, in that case, a group, and have values of their own.
///
/// 20 bytes for each pair, 8 for each member and each value.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub pairs: Vec<Pair>,
    /// Empty where there is one scope.
    scope_of_member: Vec<u32>,
    n_by_member: Vec<u32>,
    values: Vec<Value>,
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
    /// Numbers a pair that was not there before.
    pub fn add_pair(&mut self, member: u32, value: u32) -> u32 {
        self.pairs.push(Pair { member, value, n: 0, n_peers: 0, n_changes: 0 });
        self.pairs.len() as u32 - 1
    }

    /// Makes room for the counts, once all pairs are there.
    pub fn open(&mut self, n_members: usize, n_values: usize, scope_of_member: &[u32], n_scopes: usize) {
        self.n_by_member = vec![0; n_members];
        self.values = vec![Value { users: 0, n_changes: 1 }; n_values];
        self.scope_of_member = scope_of_member.to_vec();
        self.active_of_scope = vec![0; n_scopes];
    }

    /// Members with a value in the window.
    pub fn n_users(&self, value: u32) -> u32 {
        self.values[value as usize].users
    }

    /// How many peers of a pair's member have its value in the window: counted when either may have changed since.
    #[inline]
    pub fn n_peers(&mut self, pair: u32, count: impl FnOnce(&Tally, u32) -> u32) -> u32 {
        let Pair { value, n_peers, n_changes, .. } = self.pairs[pair as usize];
        let now = self.values[value as usize].n_changes;
        if n_changes == now {
            return n_peers;
        }
        let n_peers = count(self, value);
        let pair = &mut self.pairs[pair as usize];
        (pair.n_peers, pair.n_changes) = (n_peers, now);
        n_peers
    }

    /// Takes note that peers are others from now on.
    pub fn change_peers(&mut self) {
        self.values.iter_mut().for_each(|value| value.n_changes += 1);
    }

    /// Members of the first scope with a value in the window.
    pub fn n_active(&self) -> u32 {
        self.active_of_scope[0]
    }

    /// What is known of a pair.
    #[inline]
    pub fn known(&self, pair: u32) -> Known {
        let Pair { member, value, n: own, .. } = self.pairs[pair as usize];
        let own_total = self.n_by_member[member as usize];
        Known {
            own,
            own_total,
            others: self.n_users(value) - u32::from(own > 0),
            others_total: self.active_of_scope[self.scope(member)] - u32::from(own_total > 0),
        }
    }

    /// Takes an event into the window; whether it is the first there of its pair.
    #[inline]
    pub fn enter(&mut self, pair: u32) -> bool {
        let Pair { member, value, n, .. } = &mut self.pairs[pair as usize];
        let (member, value) = (*member, *value);
        *n += 1;
        let is_first = *n == 1;
        if is_first {
            let value = &mut self.values[value as usize];
            value.users += 1;
            value.n_changes += 1;
        }
        let n_of_member = &mut self.n_by_member[member as usize];
        *n_of_member += 1;
        if *n_of_member == 1 {
            let scope = self.scope(member);
            self.active_of_scope[scope] += 1;
        }
        is_first
    }

    /// Takes an event out of the window; whether it was the last there of its pair.
    #[inline]
    pub fn leave(&mut self, pair: u32) -> bool {
        let Pair { member, value, n, .. } = &mut self.pairs[pair as usize];
        let (member, value) = (*member, *value);
        *n -= 1;
        let was_last = *n == 0;
        if was_last {
            let value = &mut self.values[value as usize];
            value.users -= 1;
            value.n_changes += 1;
        }
        let n_of_member = &mut self.n_by_member[member as usize];
        *n_of_member -= 1;
        if *n_of_member == 0 {
            let scope = self.scope(member);
            self.active_of_scope[scope] -= 1;
        }
        was_last
    }

    #[inline]
    fn scope(&self, member: u32) -> usize {
        self.scope_of_member.get(member as usize).map_or(0, |&scope| scope as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_forgets_what_leaves_it() {
        let mut tally = Tally::default();
        let (anna_de, ben_de, ben_us) = (tally.add_pair(0, 0), tally.add_pair(1, 0), tally.add_pair(1, 1));
        tally.open(2, 2, &[], 1);
        assert!(tally.enter(anna_de) && !tally.enter(anna_de) && tally.enter(ben_us));
        assert_eq!(tally.known(ben_de), Known { own: 0, own_total: 1, others: 1, others_total: 1 });
        assert_eq!(tally.known(anna_de), Known { own: 2, own_total: 2, others: 0, others_total: 1 });
        assert!(!tally.leave(anna_de) && tally.leave(anna_de));
        assert_eq!(tally.known(ben_de), Known { own: 0, own_total: 1, others: 0, others_total: 0 });
    }
}
