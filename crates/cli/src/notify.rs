//! sd_notify(3): what the service manager that started us hears. A datagram of `KEY=VALUE` lines goes to the socket in
//! `NOTIFY_SOCKET`, a path or, behind an `@`, an abstract name; `WATCHDOG_USEC` says how long it waits for a sign of
//! life, and `WATCHDOG_PID` whose. Sockets of other kinds (`vsock:`) are not spoken to, and no listening socket is taken
//! over: that needs a file descriptor made from a number, which is unsafe code.

use packyard_server::{News, Supervisor};
use std::{
    env, io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    time::Duration,
};

/// Who started us, where that is somebody who wants to know how we are. `here` is where we listen.
pub fn supervisor(here: &str) -> Supervisor {
    let Some(name) = env::var("NOTIFY_SOCKET").ok().filter(|name| !name.is_empty()) else {
        return Supervisor::none();
    };
    match connected(&name) {
        Ok(socket) => {
            let status = format!("listening on {here}");
            Supervisor::new(move |news| send(&socket, &message(news, &status)), watchdog())
        }
        Err(e) => {
            tracing::warn!(error = %e, "nobody listens at NOTIFY_SOCKET `{name}`: {e}");
            Supervisor::none()
        }
    }
}

fn connected(name: &str) -> io::Result<UnixDatagram> {
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address)?;
    // A manager that does not read must not stop us; what it misses is one sign of many.
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn send(socket: &UnixDatagram, message: &str) {
    if let Err(e) = socket.send(message.as_bytes()) {
        tracing::warn!(error = %e, "the service manager was not told `{}`: {e}", message.trim_end());
    }
}

fn message(news: News<'_>, status: &str) -> String {
    match news {
        News::Ready => format!("READY=1\nSTATUS={status}\n"),
        News::Alive => format!("WATCHDOG=1\nSTATUS={status}\n"),
        News::Stuck(why) => format!("STATUS=stuck: {why}\n"),
        News::Stopping => "STOPPING=1\nSTATUS=requests in flight are finished\n".to_owned(),
    }
}

/// How often a sign of life is given: three times as often as it is asked for.
fn watchdog() -> Option<Duration> {
    let number = |name| env::var(name).ok()?.parse::<u64>().ok();
    let is_ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
    let within = number("WATCHDOG_USEC").filter(|usec| *usec > 0 && is_ours)?;
    Some(Duration::from_micros(within) / 3)
}
