//! Logins: a few a day from one's own country, addresses and devices; now and then a wrong password.

use super::Log;
use super::events::{Event, write_csv};
use super::people::{Habits, about, at_hour, between, pause_ms, pick};
use crate::engine::rng::Rng;

/// - `brute-force`: bursts of failed attempts from foreign addresses, the last of which succeeds.
/// - `new-countries`: logins from five and more countries.
/// - `many-devices`: another device and browser nearly every time.
/// - `night-logins`: half of the days between midnight and five.
pub(super) const KINDS: &[&str] = &["brute-force", "new-countries", "many-devices", "night-logins"];

const COUNTRIES: [&str; 16] =
    ["DE", "US", "FR", "GB", "NO", "PL", "IN", "BR", "ES", "NL", "JP", "CA", "RU", "CN", "NG", "VN"];
/// How common each is as a home.
const HOMES: [f64; 16] = [8.0, 6.0, 4.0, 4.0, 2.0, 2.0, 2.0, 1.5, 1.5, 1.5, 1.0, 1.0, 0.3, 0.3, 0.3, 0.3];
const DEVICES: [&str; 5] = ["desktop", "laptop", "phone", "tablet", "kiosk"];
const BROWSERS: [&str; 6] = ["Chrome", "Firefox", "Safari", "Edge", "Opera", "Samsung Internet"];

/// A login attempt.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    address: u32,
    country: u8,
    device: u8,
    browser: u8,
    success: bool,
}

pub(super) fn write(log: &Log<'_>) -> Vec<u8> {
    let mut events = Vec::new();
    for (user, mut rng, kind) in log.users() {
        let habits = Habits::office(&mut rng);
        let home = Home::draw(&mut rng);
        let logins_per_day = 1.5 + 2.5 * rng.uniform();
        let slip = 0.02 + 0.05 * rng.uniform();
        let kind = kind.map(|kind| KINDS[kind]);
        let strange_days = match kind {
            Some("brute-force") => log.strange_days(&mut rng, 0.1),
            Some(_) => log.strange_days(&mut rng, 0.5),
            None => Vec::new(),
        };
        let mut attempt = |ms, what| events.push(Event { ms, user, what });
        for day in log.days() {
            let hours = habits.hours_of(day, &mut rng);
            let is_strange = strange_days.binary_search(&day).is_ok();
            if kind == Some("brute-force") && is_strange {
                let foreign = home.abroad(&mut rng);
                let mut ms = at_hour(day, 23.0 * rng.uniform());
                for _ in 0..about(90.0, 40, &mut rng) {
                    attempt(ms, Attempt { success: false, ..foreign });
                    ms += pause_ms(4.0, &mut rng);
                }
                attempt(ms, foreign);
            }
            let hours = match (kind, is_strange) {
                (Some("night-logins"), true) => Some((at_hour(day, 0.1), at_hour(day, 5.0))),
                (Some("new-countries" | "many-devices"), true) => {
                    hours.or(Some((at_hour(day, 9.0), at_hour(day, 18.0))))
                }
                _ => hours,
            };
            let Some((start, end)) = hours else { continue };
            for _ in 0..about(logins_per_day * habits.pace, 1, &mut rng) {
                let mut ms = between(start, end, &mut rng);
                let mut login = home.usual(&mut rng);
                match (kind, is_strange) {
                    (Some("new-countries"), true) => login = home.abroad(&mut rng),
                    (Some("many-devices"), true) => {
                        login.device = rng.below(DEVICES.len() as u64) as u8;
                        login.browser = rng.below(BROWSERS.len() as u64) as u8;
                        login.address = any_address(&mut rng);
                    }
                    _ => {}
                }
                while rng.uniform() < slip {
                    attempt(ms, Attempt { success: false, ..login });
                    ms += pause_ms(8.0, &mut rng);
                }
                attempt(ms, login);
            }
        }
    }
    let header = ["user", "time", "ip_address", "country", "device", "browser", "success"];
    write_csv(&header, &events, &|event, time, record| {
        let Attempt { address, country, device, browser, success } = event.what;
        let [_, b, c, d] = address.to_be_bytes();
        record.push_field(&log.names[event.user as usize]);
        record.push_field(time);
        // A private network, so that no sample points at anybody.
        record.push_field(&format!("10.{b}.{c}.{d}"));
        record.push_field(COUNTRIES[usize::from(country)]);
        record.push_field(DEVICES[usize::from(device)]);
        record.push_field(BROWSERS[usize::from(browser)]);
        record.push_field(if success { "true" } else { "false" });
    })
}

/// Where somebody usually logs in from.
struct Home {
    country: u8,
    /// Most used first.
    addresses: [u32; 3],
    devices: [(u8, u8); 2],
    /// Chance of a trip across the border on a login.
    travel: f64,
}

impl Home {
    fn draw(rng: &mut Rng) -> Self {
        Home {
            country: pick(&HOMES, rng) as u8,
            addresses: [any_address(rng), any_address(rng), any_address(rng)],
            devices: [(rng.below(2) as u8, rng.below(4) as u8), (2, rng.below(3) as u8)],
            travel: 0.004 * rng.uniform(),
        }
    }

    fn usual(&self, rng: &mut Rng) -> Attempt {
        let address = self.addresses[pick(&[7.0, 2.0, 1.0], rng)];
        let (device, browser) = self.devices[pick(&[7.0, 3.0], rng)];
        let usual = Attempt { address, country: self.country, device, browser, success: true };
        if rng.uniform() < self.travel { self.abroad(rng) } else { usual }
    }

    fn abroad(&self, rng: &mut Rng) -> Attempt {
        let step = 1 + rng.below(COUNTRIES.len() as u64 - 1) as u8;
        let country = (self.country + step) % COUNTRIES.len() as u8;
        let (device, browser) = self.devices[0];
        Attempt { address: any_address(rng), country, device, browser, success: true }
    }
}

fn any_address(rng: &mut Rng) -> u32 {
    rng.below(1 << 24) as u32
}
