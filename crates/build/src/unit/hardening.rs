//! What `hardening = true` means: about 1.4 ("OK") in `systemd-analyze security`, and a Python program of the standard
//! library still runs. MemoryDenyWriteExecute breaks callers of ctypes callbacks and JITs; such a project sets it to
//! `no` in `[service.service]`, as it can any other key here.

/// Keys of `[Service]` and their values.
pub(super) fn settings(is_root: bool) -> Vec<(&'static str, &'static [&'static str])> {
    let mut settings: Vec<(&str, &[&str])> = vec![
        ("NoNewPrivileges", &["yes"]),
        ("ProtectSystem", &["strict"]),
        ("ProtectHome", &["yes"]),
        ("ProtectClock", &["yes"]),
        ("ProtectControlGroups", &["yes"]),
        ("ProtectHostname", &["yes"]),
        ("ProtectKernelLogs", &["yes"]),
        ("ProtectKernelModules", &["yes"]),
        ("ProtectKernelTunables", &["yes"]),
        ("ProtectProc", &["invisible"]),
        ("PrivateDevices", &["yes"]),
        ("PrivateTmp", &["yes"]),
        ("RemoveIPC", &["yes"]),
        ("RestrictAddressFamilies", &["AF_INET AF_INET6 AF_UNIX"]),
        ("RestrictNamespaces", &["yes"]),
        ("RestrictRealtime", &["yes"]),
        ("RestrictSUIDSGID", &["yes"]),
        ("LockPersonality", &["yes"]),
        ("MemoryDenyWriteExecute", &["yes"]),
        ("SystemCallArchitectures", &["native"]),
        (
            "SystemCallFilter",
            &["@system-service", "~@privileged @resources"],
        ),
        ("SystemCallErrorNumber", &["EPERM"]),
        ("CapabilityBoundingSet", &[""]),
        ("UMask", &["0077"]),
    ];
    // root in a user namespace of its own could no longer write what it owns.
    if !is_root {
        settings.push(("PrivateUsers", &["yes"]));
    }
    settings
}
