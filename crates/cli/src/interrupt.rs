//! Signals that end a command which has something to clear away first.

use anyhow::Context as _;
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};

/// From here on a signal that ends the process first ends what its builds have started, and removes what they have made so
/// far. The exit code is a shell's: 128 and the signal's number.
pub fn watch() -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build();
    let runtime = runtime.context("listening for signals")?;
    let listening = runtime.block_on(async {
        let of = |kind| signal(kind).context("listening for signals");
        anyhow::Ok((
            of(SignalKind::interrupt())?,
            of(SignalKind::terminate())?,
            of(SignalKind::hangup())?,
        ))
    });
    let (mut interrupt, mut terminate, mut hangup) = listening?;
    std::thread::spawn(move || {
        let number = runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
                _ = hangup.recv() => SignalKind::hangup(),
            }
        });
        packyard_build::abandon();
        std::process::exit(128 + number.as_raw_value());
    });
    Ok(())
}
