//! Events of a sample log, and the CSV made of them.

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
    mut events: Vec<Event<T>>,
    fields: impl Fn(&Event<T>, &str, &mut csv::StringRecord),
) -> Vec<u8> {
    events.sort_by_key(|event| (event.ms, event.user));
    let mut writer = csv::Writer::from_writer(Vec::with_capacity(events.len() * 48));
    writer.write_record(header).expect("memory takes every record");
    let mut record = csv::StringRecord::new();
    for event in &events {
        let time = time::iso(event.ms, false).replace('T', " ");
        record.clear();
        fields(event, &time, &mut record);
        writer.write_record(&record).expect("memory takes every record");
    }
    writer.into_inner().expect("memory takes every record")
}
