//! Serving `dist/` to the browser on this machine, and to nobody else.
//!
//! A static file server in a hundred lines rather than a crate: what the page needs from a host is files with their
//! media types, and having nothing more here shows that it needs nothing more anywhere.

use crate::command::{Step, say};
use crate::page;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// Where the page is served unless told otherwise.
pub const DEFAULT_PORT: u16 = 8080;
/// Request line and headers together; a browser sends well under a tenth of it.
const MAX_HEAD_BYTES: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// Builds the page and serves it until interrupted.
pub fn serve(workspace: &Workspace, port: u16, open: bool) -> Result<()> {
    // Taken before the build: a port in use is better learned now than in five minutes.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} of 127.0.0.1 cannot be had; choose another with --port"))?;
    let address = format!("http://{}/", listener.local_addr()?);
    page::build(workspace)?;
    say(format_args!("serving Isoscope on {address} (Ctrl-C ends it)"));
    if open && let Err(error) = open_browser(&address) {
        say(format_args!("no browser could be opened ({error:#}); open {address} yourself"));
    }
    serve_folder(&listener, &workspace.dist())
}

/// Answers requests for files below `root`, each connection on a thread of its own.
fn serve_folder(listener: &TcpListener, root: &Path) -> Result<()> {
    for stream in listener.incoming() {
        let root = root.to_owned();
        let stream = stream?;
        std::thread::spawn(move || {
            // A browser that hangs up in the middle is its own business.
            let _ = answer(stream, &root);
        });
    }
    Ok(())
}

fn answer(mut stream: TcpStream, root: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut head = BufReader::new(stream.try_clone()?.take(MAX_HEAD_BYTES));
    let mut request = String::new();
    head.read_line(&mut request)?;
    // The headers say nothing that matters here, but a connection closed on unread bytes is reset, answer and all.
    let mut header = String::new();
    while head.read_line(&mut header)? > 2 {
        header.clear();
    }
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    if !matches!(method, "GET" | "HEAD") {
        return respond(&mut stream, "405 Method Not Allowed", "text/plain", b"GET and HEAD only\n", true);
    }
    let with_body = method == "GET";
    let file = file_of(target)
        .map(|below| root.join(below))
        .map(|path| if path.is_dir() { path.join("index.html") } else { path });
    match file.and_then(|path| Some((std::fs::read(&path).ok()?, media_type(&path)))) {
        Some((body, media_type)) => respond(&mut stream, "200 OK", media_type, &body, with_body),
        None => respond(&mut stream, "404 Not Found", "text/plain", b"no such file\n", with_body),
    }
}

fn respond(
    stream: &mut TcpStream,
    status: &str,
    media_type: &str,
    body: &[u8],
    with_body: bool,
) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if with_body {
        stream.write_all(body)?;
    }
    stream.flush()
}

/// The file below the root that a request's target names, or `None` when it tries to leave it.
fn file_of(target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.strip_prefix('/')?;
    let path = PathBuf::from(percent_decoded(path)?);
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("csv") => "text/csv; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn open_browser(address: &str) -> Result<()> {
    let (program, arguments): (_, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[address]),
        "windows" => ("cmd", &["/c", "start", "", address]),
        _ => ("xdg-open", &[address]),
    };
    Step::new("opening the browser", program).args(arguments).quiet().run()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends one request to a server over this crate's `js` folder and returns the whole answer.
    fn ask(request: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        std::thread::spawn(move || serve_folder(&listener, &root));
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_file_comes_whole_and_with_its_media_type() {
        let answer = ask("GET /size.mjs?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/javascript"), "{answer}");
        assert!(answer.ends_with(include_str!("../js/size.mjs")));
    }

    #[test]
    fn head_has_the_length_and_no_body() {
        let answer = ask("HEAD /size.mjs HTTP/1.1\r\n\r\n");
        let length = include_str!("../js/size.mjs").len();
        assert!(
            answer.contains(&format!("Content-Length: {length}\r\n")) && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        for target in
            ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/..%2fCargo.toml", "//etc/passwd", "/absent", "*"]
        {
            let answer = ask(&format!("GET {target} HTTP/1.1\r\n\r\n"));
            assert!(answer.starts_with("HTTP/1.1 404"), "{target}: {answer}");
        }
    }

    #[test]
    fn other_methods_are_refused() {
        assert!(ask("POST /size.mjs HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn wasm_has_the_type_that_streaming_compilation_wants() {
        assert_eq!(media_type(Path::new("engine_bg.wasm")), "application/wasm");
    }
}
