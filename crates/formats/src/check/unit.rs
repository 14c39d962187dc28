//! systemd units: their syntax (systemd.syntax(7)), their sections, and the keys that most units use. A key that this
//! table does not know is a warning with the nearest one that it does; values are judged only where few are allowed.

use super::Finding;

const UNIT: &str = "Description Documentation Wants Requires Requisite BindsTo PartOf Upholds Conflicts Before After \
    OnFailure OnSuccess PropagatesReloadTo ReloadPropagatedFrom PropagatesStopTo StopPropagatedFrom JoinsNamespaceOf \
    RequiresMountsFor WantsMountsFor OnFailureJobMode OnSuccessJobMode IgnoreOnIsolate StopWhenUnneeded \
    RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies SurviveFinalKillSignal CollectMode FailureAction \
    SuccessAction FailureActionExitStatus SuccessActionExitStatus JobTimeoutSec JobRunningTimeoutSec JobTimeoutAction \
    JobTimeoutRebootArgument StartLimitIntervalSec StartLimitBurst StartLimitAction RebootArgument SourcePath";
const INSTALL: &str = "Alias WantedBy RequiredBy UpheldBy Also DefaultInstance";
const SERVICE: &str = "Type ExitType RemainAfterExit GuessMainPID PIDFile BusName ExecStart ExecStartPre ExecStartPost \
    ExecCondition ExecReload ExecStop ExecStopPost RestartSec RestartSteps RestartMaxDelaySec TimeoutStartSec \
    TimeoutStopSec TimeoutAbortSec TimeoutSec TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxSec \
    RuntimeRandomizedExtraSec WatchdogSec Restart RestartMode SuccessExitStatus RestartPreventExitStatus \
    RestartForceExitStatus RootDirectoryStartOnly NonBlocking NotifyAccess Sockets FileDescriptorStoreMax \
    FileDescriptorStorePreserve USBFunctionDescriptors USBFunctionStrings OOMPolicy OpenFile ReloadSignal";
const EXEC: &str = "ExecSearchPath WorkingDirectory RootDirectory RootImage MountAPIVFS ProtectProc ProcSubset BindPaths \
    BindReadOnlyPaths User Group DynamicUser SupplementaryGroups SetLoginEnvironment PAMName CapabilityBoundingSet \
    AmbientCapabilities NoNewPrivileges SecureBits SELinuxContext AppArmorProfile LimitCPU LimitFSIZE LimitDATA \
    LimitSTACK LimitCORE LimitRSS LimitNOFILE LimitAS LimitNPROC LimitMEMLOCK LimitLOCKS LimitSIGPENDING LimitMSGQUEUE \
    LimitNICE LimitRTPRIO LimitRTTIME UMask CoredumpFilter KeyringMode OOMScoreAdjust TimerSlackNSec Personality \
    IgnoreSIGPIPE Nice CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork CPUAffinity NUMAPolicy \
    NUMAMask IOSchedulingClass IOSchedulingPriority ProtectSystem ProtectHome RuntimeDirectory StateDirectory \
    CacheDirectory LogsDirectory ConfigurationDirectory RuntimeDirectoryMode StateDirectoryMode CacheDirectoryMode \
    LogsDirectoryMode ConfigurationDirectoryMode RuntimeDirectoryPreserve TimeoutCleanSec ReadWritePaths ReadOnlyPaths \
    InaccessiblePaths ExecPaths NoExecPaths TemporaryFileSystem PrivateTmp PrivateDevices PrivateNetwork \
    NetworkNamespacePath PrivateIPC IPCNamespacePath PrivateUsers PrivatePIDs PrivateMounts ProtectHostname ProtectClock \
    ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectControlGroups RestrictAddressFamilies \
    RestrictFileSystems RestrictNamespaces LockPersonality MemoryDenyWriteExecute RestrictRealtime RestrictSUIDSGID \
    RemoveIPC MountFlags SystemCallFilter SystemCallErrorNumber SystemCallArchitectures SystemCallLog Environment \
    EnvironmentFile PassEnvironment UnsetEnvironment StandardInput StandardOutput StandardError StandardInputText \
    StandardInputData LogLevelMax LogExtraFields LogRateLimitIntervalSec LogRateLimitBurst LogFilterPatterns \
    LogNamespace SyslogIdentifier SyslogFacility SyslogLevel SyslogLevelPrefix TTYPath TTYReset TTYVHangup LoadCredential \
    LoadCredentialEncrypted ImportCredential SetCredential SetCredentialEncrypted UtmpIdentifier UtmpMode KillMode \
    KillSignal RestartKillSignal SendSIGHUP SendSIGKILL FinalKillSignal WatchdogSignal CPUAccounting CPUWeight \
    StartupCPUWeight CPUQuota CPUQuotaPeriodSec AllowedCPUs MemoryAccounting MemoryMin MemoryLow MemoryHigh MemoryMax \
    MemorySwapMax MemoryLimit MemoryKSM TasksAccounting TasksMax IOAccounting IOWeight IOReadBandwidthMax \
    IOWriteBandwidthMax IPAccounting IPAddressAllow IPAddressDeny SocketBindAllow SocketBindDeny DeviceAllow \
    DevicePolicy Slice Delegate DisableControllers ManagedOOMSwap ManagedOOMMemoryPressure";
const TIMER: &str = "OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec OnCalendar AccuracySec \
    RandomizedDelaySec FixedRandomDelay OnClockChange OnTimezoneChange Unit Persistent WakeSystem RemainAfterElapse";
const SOCKET: &str = "ListenStream ListenDatagram ListenSequentialPacket ListenFIFO ListenSpecial ListenNetlink \
    ListenMessageQueue ListenUSBFunction SocketProtocol BindIPv6Only Backlog BindToDevice SocketUser SocketGroup \
    SocketMode DirectoryMode Accept Writable FlushPending MaxConnections MaxConnectionsPerSource KeepAlive \
    KeepAliveTimeSec KeepAliveIntervalSec KeepAliveProbes NoDelay Priority DeferAcceptSec ReceiveBuffer SendBuffer IPTOS \
    IPTTL Mark ReusePort SmackLabel PipeSize MessageQueueMaxMessages MessageQueueMessageSize FreeBind Transparent \
    Broadcast PassCredentials PassSecurity PassPacketInfo Timestamping TCPCongestion ExecStartPre ExecStartPost \
    ExecStopPre ExecStopPost TimeoutSec Service RemoveOnStop Symlinks FileDescriptorName TriggerLimitIntervalSec \
    TriggerLimitBurst PollLimitIntervalSec PollLimitBurst";
const PATH: &str = "PathExists PathExistsGlob PathChanged PathModified DirectoryNotEmpty Unit MakeDirectory DirectoryMode \
    TriggerLimitIntervalSec TriggerLimitBurst";
const TYPES: [&str; 9] = [
    "simple",
    "exec",
    "forking",
    "oneshot",
    "dbus",
    "notify",
    "notify-reload",
    "idle",
    "",
];
const RESTARTS: [&str; 8] = [
    "no",
    "on-success",
    "on-failure",
    "on-abnormal",
    "on-watchdog",
    "on-abort",
    "always",
    "",
];

/// One `Key=value` of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The line, from 1.
    pub line: usize,
    /// The section, without brackets.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value, continuation lines joined by a blank.
    pub value: String,
}

/// Reads a unit; lines that are no syntax come as (line, rule).
pub fn parse(text: &str) -> Result<Vec<Assignment>, (usize, String)> {
    let mut assignments: Vec<Assignment> = Vec::new();
    let (mut section, mut continued) = (None::<String>, false);
    for (raw, line) in text.lines().zip(1..) {
        let trimmed = raw.trim();
        if trimmed.starts_with(['#', ';']) || (trimmed.is_empty() && !continued) {
            continue;
        }
        let (body, more) = trimmed
            .strip_suffix('\\')
            .map_or((trimmed, false), |body| (body.trim_end(), true));
        if std::mem::replace(&mut continued, more) {
            if let Some(last) = assignments.last_mut() {
                last.value = [last.value.as_str(), body].join(" ").trim().into();
            }
        } else if let Some(name) = body.strip_prefix('[') {
            let name = name
                .strip_suffix(']')
                .ok_or_else(|| (line, "a section has no closing `]`".to_owned()))?;
            section = Some(name.to_owned());
        } else {
            let (key, value) = body
                .split_once('=')
                .ok_or_else(|| (line, format!("`{body}` is no `Key=value`")))?;
            let section = section
                .clone()
                .ok_or_else(|| (line, "a key stands before the first section".to_owned()))?;
            assignments.push(Assignment {
                line,
                section,
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
            });
        }
    }
    Ok(assignments)
}

/// Checks the unit at `path`.
pub fn check(path: &str, text: &str) -> Vec<Finding> {
    let assignments = match parse(text) {
        Ok(assignments) => assignments,
        Err((line, rule)) => {
            let fix = "write it as systemd.syntax(7) says";
            return vec![Finding::error("unit-syntax", format!("{path}:{line}"), rule, fix)];
        }
    };
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind);
    let mut findings: Vec<Finding> = assignments
        .iter()
        .filter_map(|a| check_one(path, kind, a))
        .collect();
    findings.extend(required(path, kind, &assignments));
    findings
}

fn check_one(path: &str, kind: &str, a: &Assignment) -> Option<Finding> {
    let place = format!("{path}:{}", a.line);
    if a.section.starts_with("X-") || a.key.starts_with("X-") {
        return None;
    }
    let Some(known) = keys(kind, &a.section) else {
        let fix = format!("a .{kind} unit has the sections {}", sections(kind));
        return Some(Finding::error(
            "unit-section",
            place,
            format!("`[{}]` is no section of it", a.section),
            fix,
        ));
    };
    let condition = a.section == "Unit" && (a.key.starts_with("Condition") || a.key.starts_with("Assert"));
    if !condition
        && !known
            .iter()
            .any(|words| words.split_whitespace().any(|w| w == a.key))
    {
        let all = known.iter().flat_map(|words| words.split_whitespace());
        let near = all.min_by_key(|w| distance(w, &a.key)).unwrap_or_default();
        let message = format!("`{}=` is not known in `[{}]`", a.key, a.section);
        return Some(Finding::warning(
            "unit-key",
            place,
            message,
            format!("did you mean `{near}=`?"),
        ));
    }
    check_value(place, a)
}

fn check_value(place: String, a: &Assignment) -> Option<Finding> {
    let bad = |message: String, fix: String| Some(Finding::error("unit-value", place.clone(), message, fix));
    match a.key.as_str() {
        "Type" if a.section == "Service" && !TYPES.contains(&a.value.as_str()) => bad(
            format!("`Type={}` is not known", a.value),
            format!("use one of {}", TYPES.join(" ").trim()),
        ),
        "Restart" if !RESTARTS.contains(&a.value.as_str()) => bad(
            format!("`Restart={}` is not known", a.value),
            format!("use one of {}", RESTARTS.join(" ").trim()),
        ),
        key if key.starts_with("Exec")
            && a.section == "Service"
            && key != "ExecSearchPath"
            && key != "ExecPaths" =>
        {
            let program = a.value.trim_start_matches(['@', '-', ':', '+', '!', '|']);
            let absolute = program.is_empty() || program.starts_with(['/', '%', '"', '\'']);
            if absolute {
                return None;
            }
            let message = format!(
                "`{}` is no absolute path; systemd before 239 refuses it",
                program.split(' ').next()?
            );
            Some(Finding::warning(
                "unit-relative-command",
                place,
                message,
                "write the whole path, such as /usr/bin/NAME",
            ))
        }
        _ => None,
    }
}

fn required(path: &str, kind: &str, all: &[Assignment]) -> Vec<Finding> {
    let has = |section: &str, key: &str| {
        all.iter()
            .any(|a| a.section == section && a.key == key && !a.value.is_empty())
    };
    let mut findings = Vec::new();
    if !has("Unit", "Description") {
        let fix = "add `Description=` to [Unit]; systemctl shows it";
        findings.push(Finding::warning(
            "unit-description",
            path,
            "it has no description",
            fix,
        ));
    }
    let starts =
        has("Service", "ExecStart") || (has("Service", "ExecStop") && has("Service", "RemainAfterExit"));
    let missing = match kind {
        "service" if !starts => Some("ExecStart=` to [Service]"),
        "timer"
            if !all
                .iter()
                .any(|a| a.section == "Timer" && a.key.starts_with("On")) =>
        {
            Some("OnCalendar=` to [Timer]")
        }
        "socket" if !all.iter().any(|a| a.key.starts_with("Listen")) => Some("ListenStream=` to [Socket]"),
        "path"
            if !all
                .iter()
                .any(|a| a.section == "Path" && a.key.starts_with(['P', 'D'])) =>
        {
            Some("PathExists=` to [Path]")
        }
        _ => None,
    };
    if let Some(missing) = missing {
        let message = format!("the .{kind} says nothing that it does");
        findings.push(Finding::error(
            "unit-incomplete",
            path,
            message,
            format!("add `{missing}"),
        ));
    }
    findings
}

fn sections(kind: &str) -> String {
    let own = kind
        .get(..1)
        .map(|first| first.to_uppercase() + &kind[1..])
        .unwrap_or_default();
    format!("[Unit], [{own}] and [Install]")
}

/// The keys of a section; none where the unit has no such section.
fn keys(kind: &str, section: &str) -> Option<Vec<&'static str>> {
    Some(match (kind, section) {
        (_, "Unit") => vec![UNIT],
        (_, "Install") => vec![INSTALL],
        ("service", "Service") => vec![SERVICE, EXEC],
        ("timer", "Timer") => vec![TIMER],
        ("socket", "Socket") => vec![SOCKET, EXEC],
        ("path", "Path") => vec![PATH],
        ("slice", "Slice") => vec![EXEC],
        ("mount", "Mount") => vec![
            "What Where Type Options SloppyOptions LazyUnmount ReadWriteOnly ForceUnmount DirectoryMode TimeoutSec",
            EXEC,
        ],
        ("automount", "Automount") => vec!["Where ExtraOptions DirectoryMode TimeoutIdleSec"],
        _ => return None,
    })
}

/// Edit distance (Levenshtein), for hints.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, cb) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(ca != *cb))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}
