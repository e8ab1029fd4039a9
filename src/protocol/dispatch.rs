//! One request against one session.

use super::{Request, Response};
use crate::engine::error::Result;
use crate::engine::host::Host;
use crate::engine::session::Session;

/// Answers a request.
///
/// # Errors
/// The session's own; see each of its methods.
pub fn dispatch(_session: &mut Session, _request: Request, _host: &dyn Host) -> Result<Response> {
    todo!("dispatch")
}
