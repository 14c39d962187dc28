//! The tags that are read and written, with rpm's numbers (rpm's include/rpm/rpmtag.h).

#![allow(missing_docs, reason = "the names are rpm's own")]

/// Tags of the signature header.
pub mod sig {
    pub const SHA1: u32 = 269;
    pub const LONG_SIZE: u32 = 270;
    pub const LONG_ARCHIVE_SIZE: u32 = 271;
    pub const SHA256: u32 = 273;
    pub const SHA3_256: u32 = 279;
    pub const SIZE: u32 = 1000;
    pub const MD5: u32 = 1004;
    pub const PAYLOAD_SIZE: u32 = 1007;
    pub const RESERVED_SPACE: u32 = 1008;
}

pub const HEADER_SIGNATURES: u32 = 62;
pub const HEADER_IMMUTABLE: u32 = 63;
pub const HEADER_LOCALES: u32 = 100;
pub const NAME: u32 = 1000;
pub const VERSION: u32 = 1001;
pub const RELEASE: u32 = 1002;
pub const EPOCH: u32 = 1003;
pub const SUMMARY: u32 = 1004;
pub const DESCRIPTION: u32 = 1005;
pub const BUILD_TIME: u32 = 1006;
pub const BUILD_HOST: u32 = 1007;
pub const SIZE: u32 = 1009;
pub const VENDOR: u32 = 1011;
pub const LICENSE: u32 = 1014;
pub const PACKAGER: u32 = 1015;
pub const GROUP: u32 = 1016;
pub const SOURCE: u32 = 1018;
pub const URL: u32 = 1020;
pub const OS: u32 = 1021;
pub const ARCH: u32 = 1022;
pub const OLD_FILE_NAMES: u32 = 1027;
pub const FILE_SIZES: u32 = 1028;
pub const FILE_MODES: u32 = 1030;
pub const FILE_RDEVS: u32 = 1033;
pub const FILE_MTIMES: u32 = 1034;
pub const FILE_DIGESTS: u32 = 1035;
pub const FILE_LINKS: u32 = 1036;
pub const FILE_FLAGS: u32 = 1037;
pub const FILE_OWNERS: u32 = 1039;
pub const FILE_GROUPS: u32 = 1040;
pub const SOURCE_RPM: u32 = 1044;
pub const FILE_VERIFY_FLAGS: u32 = 1045;
pub const ARCHIVE_SIZE: u32 = 1046;
pub const RPM_VERSION: u32 = 1064;
pub const CHANGELOG_TIMES: u32 = 1080;
pub const CHANGELOG_NAMES: u32 = 1081;
pub const CHANGELOG_TEXTS: u32 = 1082;
pub const BUILD_ARCHS: u32 = 1089;
pub const FILE_DEVICES: u32 = 1095;
pub const FILE_INODES: u32 = 1096;
pub const FILE_LANGUAGES: u32 = 1097;
pub const SOURCE_PACKAGE: u32 = 1106;
pub const DIR_INDEXES: u32 = 1116;
pub const BASE_NAMES: u32 = 1117;
pub const DIR_NAMES: u32 = 1118;
pub const PAYLOAD_FORMAT: u32 = 1124;
pub const PAYLOAD_COMPRESSOR: u32 = 1125;
pub const PAYLOAD_FLAGS: u32 = 1126;
pub const PLATFORM: u32 = 1132;
pub const FILE_COLORS: u32 = 1140;
pub const LONG_FILE_SIZES: u32 = 5008;
pub const LONG_SIZE: u32 = 5009;
pub const FILE_CAPABILITIES: u32 = 5010;
pub const FILE_DIGEST_ALGORITHM: u32 = 5011;
pub const ENCODING: u32 = 5062;
pub const PAYLOAD_DIGEST: u32 = 5092;
pub const PAYLOAD_DIGEST_ALGORITHM: u32 = 5093;
pub const PAYLOAD_DIGEST_UNPACKED: u32 = 5097;
pub const PAYLOAD_LEN: u32 = 5112;
pub const PAYLOAD_LEN_UNPACKED: u32 = 5113;
pub const PAYLOAD_SHA512: u32 = 5121;
pub const PAYLOAD_SHA512_UNPACKED: u32 = 5122;
pub const PAYLOAD_SHA3_256: u32 = 5123;
pub const PAYLOAD_SHA3_256_UNPACKED: u32 = 5124;

/// One kind of dependency: the tags of its names, flags and versions.
pub type Triple = (u32, u32, u32);
pub const PROVIDES: Triple = (1047, 1112, 1113);
pub const REQUIRES: Triple = (1049, 1048, 1050);
pub const CONFLICTS: Triple = (1054, 1053, 1055);
pub const OBSOLETES: Triple = (1090, 1114, 1115);
pub const RECOMMENDS: Triple = (5046, 5048, 5047);
pub const SUGGESTS: Triple = (5049, 5051, 5050);
pub const SUPPLEMENTS: Triple = (5052, 5054, 5053);
pub const ENHANCES: Triple = (5055, 5057, 5056);
pub const OLD_SUGGESTS: Triple = (1156, 1158, 1157);
pub const OLD_ENHANCES: Triple = (1159, 1161, 1160);

/// Scripts: what rpm calls them, the tag of the text, the tag of the interpreter.
pub const SCRIPTS: [(&str, u32, u32); 8] = [
    ("pretrans", 1151, 1153),
    ("preinstall", 1023, 1085),
    ("postinstall", 1024, 1086),
    ("preuninstall", 1025, 1087),
    ("postuninstall", 1026, 1088),
    ("posttrans", 1152, 1154),
    ("verify", 1079, 1091),
    ("preuntrans", 5104, 5106),
];

/// Bits of `FILEFLAGS`.
pub mod file_flag {
    pub const CONFIG: u64 = 1;
    pub const DOC: u64 = 1 << 1;
    pub const MISSING_OK: u64 = 1 << 3;
    pub const NO_REPLACE: u64 = 1 << 4;
    pub const SPEC_FILE: u64 = 1 << 5;
    pub const GHOST: u64 = 1 << 6;
    pub const LICENSE: u64 = 1 << 7;
}

/// Bits of dependency flags (`RPMSENSE_…`).
pub mod sense {
    pub const COMPARISON: u64 = 0xf;
    pub const LESS: u64 = 1 << 1;
    pub const GREATER: u64 = 1 << 2;
    pub const EQUAL: u64 = 1 << 3;
    pub const POSTTRANS: u64 = 1 << 5;
    pub const PREREQ: u64 = 1 << 6;
    pub const PRETRANS: u64 = 1 << 7;
    pub const INTERPRETER: u64 = 1 << 8;
    pub const SCRIPT_PRE: u64 = 1 << 9;
    pub const SCRIPT_POST: u64 = 1 << 10;
    pub const SCRIPT_PREUN: u64 = 1 << 11;
    pub const SCRIPT_POSTUN: u64 = 1 << 12;
    pub const SCRIPTLETS: u64 = SCRIPT_PRE | SCRIPT_POST | SCRIPT_PREUN | SCRIPT_POSTUN;
    pub const FIND_PROVIDES: u64 = 1 << 15;
    pub const MISSING_OK: u64 = 1 << 19;
    pub const RPMLIB: u64 = 1 << 24;
    pub const STRONG: u64 = 1 << 27;
    pub const CONFIG: u64 = 1 << 28;
}
