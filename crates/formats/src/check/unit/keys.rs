//! The sections and keys of unit files, as systemd 239 to 258 know them (systemd.directives(7)).
//!
//! A key is written `Name/shape@version`: the shape says what values look like, the version is the first systemd that
//! knows the key, where that is later than 239 (RHEL 8, the oldest that anything is built for). A test holds the table
//! against `systemd --dump-configuration-items`.

use crate::nearest::nearest;

/// What the values of a key look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Anything.
    Text,
    /// A boolean.
    Flag,
    /// A time span (systemd.time(7)).
    Span,
    /// An octal file mode.
    Mode,
    /// A whole number.
    Number,
    /// An absolute path.
    Path,
    /// A list of unit names.
    Units,
    /// A command line.
    Command,
    /// A number of bytes, a percentage or `infinity`.
    Size,
    /// A calendar event (systemd.time(7)).
    Calendar,
    /// Assignments of environment variables.
    Environment,
    /// What a socket listens on.
    Address,
}

/// A key that systemd knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What its values look like.
    pub shape: Shape,
    /// The first systemd that knows it; 0 where all do.
    pub since: u16,
}

const UNIT: &str = "Description Documentation SourcePath/p Requires/u Requisite/u Wants/u BindsTo/u PartOf/u \
    Upholds/u@249 Conflicts/u Before/u After/u OnFailure/u OnSuccess/u@249 PropagatesReloadTo/u \
    ReloadPropagatedFrom/u PropagatesStopTo/u@249 StopPropagatedFrom/u@249 JoinsNamespaceOf/u RequiresMountsFor \
    WantsMountsFor@256 OnFailureJobMode OnSuccessJobMode@249 IgnoreOnIsolate/f StopWhenUnneeded/f \
    RefuseManualStart/f RefuseManualStop/f AllowIsolate/f DefaultDependencies/f SurviveFinalKillSignal/f@255 \
    CollectMode FailureAction SuccessAction FailureActionExitStatus@240 SuccessActionExitStatus@240 JobTimeoutSec/s \
    JobRunningTimeoutSec/s JobTimeoutAction JobTimeoutRebootArgument StartLimitIntervalSec/s StartLimitBurst/n \
    StartLimitAction RebootArgument";
/// What `Condition` and `Assert` are put before.
const CONDITIONS: &str = "ACPower Architecture CPUFeature@248 CPUPressure@250 CPUs@244 Capability ControlGroupController \
    Credential@252 DirectoryNotEmpty Environment@246 FileIsExecutable FileNotEmpty Firmware@249 FirstBoot Group Host \
    IOPressure@250 KernelCommandLine KernelModuleLoaded@258 KernelVersion Memory@244 MemoryPressure@250 NeedsUpdate \
    OSRelease@249 PathExists PathExistsGlob PathIsDirectory PathIsEncrypted@246 PathIsMountPoint PathIsReadWrite \
    PathIsSocket@258 PathIsSymbolicLink Security User Version@258 Virtualization";
const INSTALL: &str = "Alias WantedBy/u RequiredBy/u UpheldBy/u@254 Also/u DefaultInstance";
const SERVICE: &str = "Type ExitType@250 RemainAfterExit/f GuessMainPID/f PIDFile BusName ExecStart/x ExecStartPre/x \
    ExecStartPost/x ExecCondition/x@243 ExecReload/x ExecReloadPost/x@259 ExecStop/x ExecStopPost/x RestartSec/s \
    RestartSteps/n@254 RestartMaxDelaySec/s@254 TimeoutStartSec/s TimeoutStopSec/s TimeoutAbortSec/s@243 TimeoutSec/s \
    TimeoutStartFailureMode@246 TimeoutStopFailureMode@246 RuntimeMaxSec/s RuntimeRandomizedExtraSec/s@250 \
    WatchdogSec/s Restart RestartMode@254 SuccessExitStatus RestartPreventExitStatus RestartForceExitStatus \
    RootDirectoryStartOnly/f NonBlocking/f NotifyAccess Sockets/u FileDescriptorStoreMax/n \
    FileDescriptorStorePreserve@254 USBFunctionDescriptors/p USBFunctionStrings/p OOMPolicy@243 OpenFile@253 \
    ReloadSignal@253";
/// What runs programs (systemd.exec(5)).
const EXEC: &str = "ExecSearchPath@250 WorkingDirectory RootDirectory/p RootImage/p RootImageOptions@247 \
    RootEphemeral/f@254 RootHash@246 RootHashSignature@246 RootVerity/p@246 RootImagePolicy@254 MountImagePolicy@254 \
    ExtensionImagePolicy@254 MountAPIVFS/f ProtectProc@247 ProcSubset@247 BindPaths BindReadOnlyPaths MountImages@247 \
    ExtensionImages@248 ExtensionDirectories@251 User Group DynamicUser/f SupplementaryGroups SetLoginEnvironment/f@255 \
    PAMName CapabilityBoundingSet AmbientCapabilities NoNewPrivileges/f SecureBits SELinuxContext AppArmorProfile \
    SmackProcessLabel LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitCORE LimitRSS LimitNOFILE LimitAS LimitNPROC \
    LimitMEMLOCK LimitLOCKS LimitSIGPENDING LimitMSGQUEUE LimitNICE LimitRTPRIO LimitRTTIME UMask/m CoredumpFilter@246 \
    KeyringMode OOMScoreAdjust TimerSlackNSec Personality IgnoreSIGPIPE/f Nice CPUSchedulingPolicy \
    CPUSchedulingPriority/n CPUSchedulingResetOnFork/f CPUAffinity NUMAPolicy@243 NUMAMask@243 IOSchedulingClass \
    IOSchedulingPriority/n ProtectSystem ProtectHome RuntimeDirectory StateDirectory CacheDirectory LogsDirectory \
    ConfigurationDirectory RuntimeDirectoryMode/m StateDirectoryMode/m CacheDirectoryMode/m LogsDirectoryMode/m \
    ConfigurationDirectoryMode/m RuntimeDirectoryPreserve TimeoutCleanSec/s@244 ReadWritePaths ReadOnlyPaths \
    InaccessiblePaths ExecPaths@248 NoExecPaths@248 TemporaryFileSystem PrivateTmp PrivateDevices/f PrivateNetwork/f \
    NetworkNamespacePath/p@242 PrivateIPC/f@248 IPCNamespacePath/p@248 UserNamespacePath/p@258 PrivateUsers \
    PrivatePIDs/f@257 PrivateMounts/f PrivateBPF/f@258 BindLogSockets/f@257 ProtectHostname@242 ProtectClock/f@245 \
    ProtectKernelTunables/f ProtectKernelModules/f ProtectKernelLogs/f@244 ProtectControlGroups \
    RestrictAddressFamilies RestrictFileSystems@250 RestrictNamespaces LockPersonality/f MemoryDenyWriteExecute/f \
    RestrictRealtime/f RestrictSUIDSGID/f@242 RemoveIPC/f MountFlags SystemCallFilter SystemCallErrorNumber \
    SystemCallArchitectures SystemCallLog@247 Environment/e EnvironmentFile PassEnvironment UnsetEnvironment \
    StandardInput StandardOutput StandardError StandardInputText StandardInputData LogLevelMax LogExtraFields \
    LogRateLimitIntervalSec/s@240 LogRateLimitBurst/n@240 LogFilterPatterns@253 LogNamespace@245 SyslogIdentifier \
    SyslogFacility SyslogLevel SyslogLevelPrefix/f TTYPath/p TTYReset/f TTYVHangup/f TTYVTDisallocate/f TTYRows/n@250 \
    TTYColumns/n@250 LoadCredential@247 LoadCredentialEncrypted@250 ImportCredential@254 SetCredential@247 \
    SetCredentialEncrypted@250 UtmpIdentifier UtmpMode";
/// How processes are ended (systemd.kill(5)).
const KILL: &str = "KillMode KillSignal RestartKillSignal@244 FinalKillSignal@240 WatchdogSignal@240 SendSIGHUP/f \
    SendSIGKILL/f";
/// What they may use (systemd.resource-control(5)).
const RESOURCES: &str = "CPUAccounting/f CPUWeight StartupCPUWeight CPUQuota CPUQuotaPeriodSec/s@242 AllowedCPUs@244 \
    StartupAllowedCPUs@252 AllowedMemoryNodes@244 StartupAllowedMemoryNodes@252 MemoryAccounting/f MemoryMin/z@240 \
    MemoryLow/z StartupMemoryLow/z@253 MemoryHigh/z StartupMemoryHigh/z@253 MemoryMax/z StartupMemoryMax/z@253 \
    MemorySwapMax/z StartupMemorySwapMax/z@253 MemoryZSwapMax/z@253 StartupMemoryZSwapMax/z@253 \
    MemoryZSwapWriteback/f@256 DefaultMemoryMin/z@240 DefaultMemoryLow/z@240 DefaultStartupMemoryLow/z@253 \
    MemoryKSM/f@254 MemoryPressureWatch@254 MemoryPressureThresholdSec/s@254 CoredumpReceive/f@255 TasksAccounting/f \
    TasksMax IOAccounting/f IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax \
    IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec@240 IPAccounting/f IPAddressAllow IPAddressDeny \
    IPIngressFilterPath@243 IPEgressFilterPath@243 BPFProgram@249 SocketBindAllow@249 SocketBindDeny@249 \
    RestrictNetworkInterfaces@250 NFTSet@255 DeviceAllow DevicePolicy Slice Delegate DelegateSubgroup@254 \
    DisableControllers@240 ManagedOOMSwap@247 ManagedOOMMemoryPressure@247 ManagedOOMMemoryPressureLimit@247 \
    ManagedOOMMemoryPressureDurationSec@257 ManagedOOMPreference@248";
const TIMER: &str = "OnActiveSec/s OnBootSec/s OnStartupSec/s OnUnitActiveSec/s OnUnitInactiveSec/s OnCalendar/c \
    AccuracySec/s RandomizedDelaySec/s FixedRandomDelay/f@247 RandomizedOffsetSec/s@258 DeferReactivation/f@257 \
    OnClockChange/f@242 OnTimezoneChange/f@242 Unit/u Persistent/f WakeSystem/f RemainAfterElapse/f";
const SOCKET: &str = "ListenStream/a ListenDatagram/a ListenSequentialPacket/a ListenFIFO/p ListenSpecial/p ListenNetlink \
    ListenMessageQueue/p ListenUSBFunction/p SocketProtocol BindIPv6Only Backlog/n BindToDevice SocketUser SocketGroup \
    SocketMode/m DirectoryMode/m Accept/f Writable/f FlushPending/f@247 MaxConnections/n MaxConnectionsPerSource/n \
    KeepAlive/f KeepAliveTimeSec/s KeepAliveIntervalSec/s KeepAliveProbes/n NoDelay/f Priority DeferAcceptSec/s \
    ReceiveBuffer SendBuffer IPTOS IPTTL Mark ReusePort/f SmackLabel SmackLabelIPIn SmackLabelIPOut \
    SELinuxContextFromNet/f PipeSize MessageQueueMaxMessages/n MessageQueueMessageSize/n FreeBind/f Transparent/f \
    Broadcast/f PassCredentials/f PassPIDFD/f@258 PassSecurity/f PassPacketInfo/f@246 AcceptFileDescriptors/f@258 \
    Timestamping@247 TCPCongestion ExecStartPre/x ExecStartPost/x ExecStopPre/x ExecStopPost/x TimeoutSec/s Service/u \
    RemoveOnStop/f Symlinks FileDescriptorName TriggerLimitIntervalSec/s TriggerLimitBurst/n PollLimitIntervalSec/s@255 \
    PollLimitBurst/n@255 DeferTrigger@258 DeferTriggerMaxSec/s@258 PassFileDescriptorsToExec/f@256 XAttrEntryPoint@259 \
    XAttrListen@259 XAttrAccept@259";
const PATH: &str = "PathExists/p PathExistsGlob/p PathChanged/p PathModified/p DirectoryNotEmpty/p Unit/u MakeDirectory/f \
    DirectoryMode/m TriggerLimitIntervalSec/s@250 TriggerLimitBurst/n@250";
const MOUNT: &str = "What Where Type Options SloppyOptions/f LazyUnmount/f ReadWriteOnly/f@246 ForceUnmount/f \
    DirectoryMode/m TimeoutSec/s";
const AUTOMOUNT: &str = "Where ExtraOptions@250 DirectoryMode/m TimeoutIdleSec/s";
const SWAP: &str = "What Priority Options TimeoutSec/s";
/// Names of the past, which systemd still reads.
const OLD_UNIT: &str = "BindTo/u RequiresOverridable/u RequisiteOverridable/u PropagateReloadTo/u PropagateReloadFrom/u \
    OnFailureIsolate/f StartLimitInterval/s";
const OLD_SERVICE: &str = "PermissionsStartOnly/f StartLimitInterval/s StartLimitBurst/n StartLimitAction FailureAction \
    RebootArgument";
const OLD_EXEC: &str = "ReadWriteDirectories ReadOnlyDirectories InaccessibleDirectories";
const OLD_RESOURCES: &str = "CPUShares StartupCPUShares MemoryLimit/z BlockIOAccounting/f BlockIOWeight \
    StartupBlockIOWeight BlockIODeviceWeight BlockIOReadBandwidth BlockIOWriteBandwidth";
const RUNS: [&str; 5] = [EXEC, KILL, RESOURCES, OLD_EXEC, OLD_RESOURCES];

/// The sections of a kind of unit, which is the ending of its name, besides `[Unit]` and `[Install]`.
fn own_tables(kind: &str) -> Option<(&'static str, Vec<&'static str>)> {
    let running = |own: &[&'static str]| [own, &RUNS].concat();
    Some(match kind {
        "service" => ("Service", running(&[SERVICE, OLD_SERVICE])),
        "socket" => ("Socket", running(&[SOCKET])),
        "timer" => ("Timer", vec![TIMER]),
        "path" => ("Path", vec![PATH]),
        "mount" => ("Mount", running(&[MOUNT])),
        "automount" => ("Automount", vec![AUTOMOUNT]),
        "swap" => ("Swap", running(&[SWAP])),
        "slice" => ("Slice", vec![RESOURCES, OLD_RESOURCES]),
        "scope" => (
            "Scope",
            vec![
                KILL,
                RESOURCES,
                OLD_RESOURCES,
                "RuntimeMaxSec/s RuntimeRandomizedExtraSec/s TimeoutStopSec/s OOMPolicy",
            ],
        ),
        _ => return None,
    })
}

/// The sections that a kind of unit can have, in their usual order.
pub fn sections(kind: &str) -> Vec<&'static str> {
    let own = own_tables(kind).map(|(name, _)| name);
    ["Unit"].into_iter().chain(own).chain(["Install"]).collect()
}

fn tables(kind: &str, section: &str) -> Vec<&'static str> {
    match section {
        "Unit" => vec![UNIT, OLD_UNIT],
        "Install" => vec![INSTALL],
        _ => own_tables(kind)
            .filter(|(name, _)| *name == section)
            .map_or_else(Vec::new, |(_, tables)| tables),
    }
}

/// All keys of a section.
pub fn keys(kind: &str, section: &str) -> impl Iterator<Item = Key> + use<> {
    tables(kind, section)
        .into_iter()
        .flat_map(str::split_whitespace)
        .map(key)
}

/// A key of a section.
pub fn find(kind: &str, section: &str, name: &str) -> Option<Key> {
    if let ("Unit", Some(condition)) = (section, condition(name)) {
        return Some(condition);
    }
    keys(kind, section).find(|key| key.name == name)
}

/// The name of a key of a section that was probably meant.
pub fn meant(kind: &str, section: &str, name: &str) -> Option<String> {
    let known = || {
        let conditions = ["Condition", "Assert"].into_iter().flat_map(|before| {
            let after = CONDITIONS.split_whitespace().map(key);
            after.map(move |after| format!("{before}{}", after.name))
        });
        let conditions = (section == "Unit").then_some(conditions).into_iter().flatten();
        keys(kind, section)
            .map(|key| key.name.to_owned())
            .chain(conditions)
    };
    let other_case = known().find(|key| key.eq_ignore_ascii_case(name));
    other_case.or_else(|| {
        let all: Vec<String> = known().collect();
        nearest(name, all.iter().map(String::as_str)).map(str::to_owned)
    })
}

fn condition(name: &str) -> Option<Key> {
    let rest = name
        .strip_prefix("Condition")
        .or_else(|| name.strip_prefix("Assert"))?;
    CONDITIONS
        .split_whitespace()
        .map(key)
        .find(|key| key.name == rest)
}

fn key(word: &'static str) -> Key {
    let (word, since) = word.split_once('@').unwrap_or((word, "0"));
    let (name, shape) = word.split_once('/').unwrap_or((word, ""));
    let shape = match shape {
        "f" => Shape::Flag,
        "s" => Shape::Span,
        "m" => Shape::Mode,
        "n" => Shape::Number,
        "p" => Shape::Path,
        "u" => Shape::Units,
        "x" => Shape::Command,
        "z" => Shape::Size,
        "c" => Shape::Calendar,
        "e" => Shape::Environment,
        "a" => Shape::Address,
        _ => Shape::Text,
    };
    Key {
        name,
        shape,
        since: since.parse().unwrap_or(0),
    }
}
