//! Events of a sample log, and the CSV made of them.

use crate::engine::order;
use crate::engine::time;

/// What every event has; samples add their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event<T> {
    pub ms: i64,
    pub user: u32,
    pub what: T,
}

/// Writes events in order of time, then of user, then of generation. `fields` appends an event's fields to a record,
/// given its time as text.
pub(super) fn write_csv<T>(
    header: &[&str],
    events: &[Event<T>],
    fields: &dyn Fn(&Event<T>, &str, &mut csv::StringRecord),
) -> Vec<u8> {
    let by_user = order::by_key(events.len(), |place| i64::from(events[place].user));
    let by_time = order::by_key(events.len(), |place| events[by_user[place]].ms);
    let mut writer = csv::Writer::from_writer(Vec::with_capacity(events.len() * 48));
    writer.write_record(header).expect("memory takes every record");
    let mut record = csv::StringRecord::new();
    for event in by_time.into_iter().map(|place| &events[by_user[place]]) {
        let time = time::iso(event.ms, false).replace('T', " ");
        record.clear();
        fields(event, &time, &mut record);
        writer.write_record(&record).expect("memory takes every record");
    }
    writer.into_inner().expect("memory takes every record")
}
