//! The tags of the main header that packages of rpm have: number, name, and what their values are (rpm's
//! include/rpm/rpmtag.h). rpm 6 refuses a header whose tag has values of another kind; so does this reader,
//! because two readers of one header that disagree are how a package says one thing to a server and another to a client.

use super::header::kind;
use std::fmt;

/// What the values of a tag are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Strings, one or many: rpm takes each of its three kinds of strings for the others.
    Text,
    /// Single bytes.
    Char,
    /// 16 bits each.
    Int16,
    /// 32 bits each.
    Int32,
    /// 64 bits each.
    Int64,
    /// Bytes.
    Bin,
}

impl Class {
    /// Whether values of this kind (`rpmTagType`) may be the tag's.
    pub fn admits(self, of: u32) -> bool {
        match self {
            Self::Text => matches!(of, kind::STRING | kind::STRING_ARRAY | kind::I18N_STRING),
            Self::Char => of == kind::CHAR,
            Self::Int16 => of == kind::INT16,
            Self::Int32 => of == kind::INT32,
            Self::Int64 => of == kind::INT64,
            Self::Bin => of == kind::BIN,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "strings",
            Self::Char => "single characters",
            Self::Int16 => "integers of 16 bits",
            Self::Int32 => "integers of 32 bits",
            Self::Int64 => "integers of 64 bits",
            Self::Bin => "bytes",
        })
    }
}

/// The name of a tag of the main header, and what its values are; none for tags that nobody knows.
pub fn known(tag: u32) -> Option<(&'static str, Class)> {
    let at = TAGS.binary_search_by_key(&tag, |(number, ..)| *number).ok()?;
    TAGS.get(at).map(|(_, name, class)| (*name, *class))
}

#[rustfmt::skip]
const TAGS: [(u32, &str, Class); 228] = [
    (100, "HEADERI18NTABLE", Class::Text), (1000, "NAME", Class::Text), (1001, "VERSION", Class::Text),
    (1002, "RELEASE", Class::Text), (1003, "EPOCH", Class::Int32), (1004, "SUMMARY", Class::Text),
    (1005, "DESCRIPTION", Class::Text), (1006, "BUILDTIME", Class::Int32), (1007, "BUILDHOST", Class::Text),
    (1009, "SIZE", Class::Int32), (1010, "DISTRIBUTION", Class::Text), (1011, "VENDOR", Class::Text),
    (1012, "GIF", Class::Bin), (1013, "XPM", Class::Bin), (1014, "LICENSE", Class::Text),
    (1015, "PACKAGER", Class::Text), (1016, "GROUP", Class::Text), (1018, "SOURCE", Class::Text),
    (1019, "PATCH", Class::Text), (1020, "URL", Class::Text), (1021, "OS", Class::Text),
    (1022, "ARCH", Class::Text), (1023, "PREIN", Class::Text), (1024, "POSTIN", Class::Text),
    (1025, "PREUN", Class::Text), (1026, "POSTUN", Class::Text), (1027, "OLDFILENAMES", Class::Text),
    (1028, "FILESIZES", Class::Int32), (1029, "FILESTATES", Class::Char), (1030, "FILEMODES", Class::Int16),
    (1033, "FILERDEVS", Class::Int16), (1034, "FILEMTIMES", Class::Int32), (1035, "FILEDIGESTS", Class::Text),
    (1036, "FILELINKTOS", Class::Text), (1037, "FILEFLAGS", Class::Int32),
    (1039, "FILEUSERNAME", Class::Text), (1040, "FILEGROUPNAME", Class::Text), (1043, "ICON", Class::Bin),
    (1044, "SOURCERPM", Class::Text), (1045, "FILEVERIFYFLAGS", Class::Int32),
    (1046, "ARCHIVESIZE", Class::Int32), (1047, "PROVIDENAME", Class::Text),
    (1048, "REQUIREFLAGS", Class::Int32), (1049, "REQUIRENAME", Class::Text),
    (1050, "REQUIREVERSION", Class::Text), (1051, "NOSOURCE", Class::Int32), (1052, "NOPATCH", Class::Int32),
    (1053, "CONFLICTFLAGS", Class::Int32), (1054, "CONFLICTNAME", Class::Text),
    (1055, "CONFLICTVERSION", Class::Text), (1059, "EXCLUDEARCH", Class::Text),
    (1060, "EXCLUDEOS", Class::Text), (1061, "EXCLUSIVEARCH", Class::Text),
    (1062, "EXCLUSIVEOS", Class::Text), (1064, "RPMVERSION", Class::Text),
    (1065, "TRIGGERSCRIPTS", Class::Text), (1066, "TRIGGERNAME", Class::Text),
    (1067, "TRIGGERVERSION", Class::Text), (1068, "TRIGGERFLAGS", Class::Int32),
    (1069, "TRIGGERINDEX", Class::Int32), (1079, "VERIFYSCRIPT", Class::Text),
    (1080, "CHANGELOGTIME", Class::Int32), (1081, "CHANGELOGNAME", Class::Text),
    (1082, "CHANGELOGTEXT", Class::Text), (1085, "PREINPROG", Class::Text), (1086, "POSTINPROG", Class::Text),
    (1087, "PREUNPROG", Class::Text), (1088, "POSTUNPROG", Class::Text), (1089, "BUILDARCHS", Class::Text),
    (1090, "OBSOLETENAME", Class::Text), (1091, "VERIFYSCRIPTPROG", Class::Text),
    (1092, "TRIGGERSCRIPTPROG", Class::Text), (1094, "COOKIE", Class::Text),
    (1095, "FILEDEVICES", Class::Int32), (1096, "FILEINODES", Class::Int32), (1097, "FILELANGS", Class::Text),
    (1098, "PREFIXES", Class::Text), (1099, "INSTPREFIXES", Class::Text),
    (1106, "SOURCEPACKAGE", Class::Int32), (1112, "PROVIDEFLAGS", Class::Int32),
    (1113, "PROVIDEVERSION", Class::Text), (1114, "OBSOLETEFLAGS", Class::Int32),
    (1115, "OBSOLETEVERSION", Class::Text), (1116, "DIRINDEXES", Class::Int32),
    (1117, "BASENAMES", Class::Text), (1118, "DIRNAMES", Class::Text), (1119, "ORIGDIRINDEXES", Class::Int32),
    (1120, "ORIGBASENAMES", Class::Text), (1121, "ORIGDIRNAMES", Class::Text),
    (1122, "OPTFLAGS", Class::Text), (1123, "DISTURL", Class::Text), (1124, "PAYLOADFORMAT", Class::Text),
    (1125, "PAYLOADCOMPRESSOR", Class::Text), (1126, "PAYLOADFLAGS", Class::Text),
    (1132, "PLATFORM", Class::Text), (1133, "PATCHESNAME", Class::Text), (1134, "PATCHESFLAGS", Class::Int32),
    (1135, "PATCHESVERSION", Class::Text), (1140, "FILECOLORS", Class::Int32),
    (1141, "FILECLASS", Class::Int32), (1142, "CLASSDICT", Class::Text), (1143, "FILEDEPENDSX", Class::Int32),
    (1144, "FILEDEPENDSN", Class::Int32), (1145, "DEPENDSDICT", Class::Int32),
    (1146, "SOURCESIGMD5", Class::Bin), (1147, "FILECONTEXTS", Class::Text),
    (1148, "FSCONTEXTS", Class::Text), (1149, "RECONTEXTS", Class::Text), (1150, "POLICIES", Class::Text),
    (1151, "PRETRANS", Class::Text), (1152, "POSTTRANS", Class::Text), (1153, "PRETRANSPROG", Class::Text),
    (1154, "POSTTRANSPROG", Class::Text), (1155, "DISTTAG", Class::Text),
    (1156, "OLDSUGGESTSNAME", Class::Text), (1157, "OLDSUGGESTSVERSION", Class::Text),
    (1158, "OLDSUGGESTSFLAGS", Class::Int32), (1159, "OLDENHANCESNAME", Class::Text),
    (1160, "OLDENHANCESVERSION", Class::Text), (1161, "OLDENHANCESFLAGS", Class::Int32),
    (1162, "PRIORITY", Class::Int32), (1163, "CVSID", Class::Text), (1164, "BLINKPKGID", Class::Text),
    (1165, "BLINKHDRID", Class::Text), (1166, "BLINKNEVRA", Class::Text), (1167, "FLINKPKGID", Class::Text),
    (1168, "FLINKHDRID", Class::Text), (1169, "FLINKNEVRA", Class::Text),
    (1170, "PACKAGEORIGIN", Class::Text), (1176, "BUILDCPUCLOCK", Class::Int32),
    (1177, "FILEDIGESTALGOS", Class::Int32), (1178, "VARIANTS", Class::Text), (1179, "XMAJOR", Class::Int32),
    (1180, "XMINOR", Class::Int32), (1181, "REPOTAG", Class::Text), (1182, "KEYWORDS", Class::Text),
    (1183, "BUILDPLATFORMS", Class::Text), (1184, "PACKAGECOLOR", Class::Int32),
    (1185, "PACKAGEPREFCOLOR", Class::Int32), (1186, "XATTRSDICT", Class::Text),
    (1187, "FILEXATTRSX", Class::Int32), (1188, "DEPATTRSDICT", Class::Text),
    (1189, "CONFLICTATTRSX", Class::Int32), (1190, "OBSOLETEATTRSX", Class::Int32),
    (1191, "PROVIDEATTRSX", Class::Int32), (1192, "REQUIREATTRSX", Class::Int32),
    (5004, "FSSIZES", Class::Int64), (5008, "LONGFILESIZES", Class::Int64), (5009, "LONGSIZE", Class::Int64),
    (5010, "FILECAPS", Class::Text), (5011, "FILEDIGESTALGO", Class::Int32), (5012, "BUGURL", Class::Text),
    (5020, "PREINFLAGS", Class::Int32), (5021, "POSTINFLAGS", Class::Int32),
    (5022, "PREUNFLAGS", Class::Int32), (5023, "POSTUNFLAGS", Class::Int32),
    (5024, "PRETRANSFLAGS", Class::Int32), (5025, "POSTTRANSFLAGS", Class::Int32),
    (5026, "VERIFYSCRIPTFLAGS", Class::Int32), (5027, "TRIGGERSCRIPTFLAGS", Class::Int32),
    (5029, "COLLECTIONS", Class::Text), (5030, "POLICYNAMES", Class::Text),
    (5031, "POLICYTYPES", Class::Text), (5032, "POLICYTYPESINDEXES", Class::Int32),
    (5033, "POLICYFLAGS", Class::Int32), (5034, "VCS", Class::Text), (5035, "ORDERNAME", Class::Text),
    (5036, "ORDERVERSION", Class::Text), (5037, "ORDERFLAGS", Class::Int32),
    (5046, "RECOMMENDNAME", Class::Text), (5047, "RECOMMENDVERSION", Class::Text),
    (5048, "RECOMMENDFLAGS", Class::Int32), (5049, "SUGGESTNAME", Class::Text),
    (5050, "SUGGESTVERSION", Class::Text), (5051, "SUGGESTFLAGS", Class::Int32),
    (5052, "SUPPLEMENTNAME", Class::Text), (5053, "SUPPLEMENTVERSION", Class::Text),
    (5054, "SUPPLEMENTFLAGS", Class::Int32), (5055, "ENHANCENAME", Class::Text),
    (5056, "ENHANCEVERSION", Class::Text), (5057, "ENHANCEFLAGS", Class::Int32),
    (5062, "ENCODING", Class::Text), (5066, "FILETRIGGERSCRIPTS", Class::Text),
    (5067, "FILETRIGGERSCRIPTPROG", Class::Text), (5068, "FILETRIGGERSCRIPTFLAGS", Class::Int32),
    (5069, "FILETRIGGERNAME", Class::Text), (5070, "FILETRIGGERINDEX", Class::Int32),
    (5071, "FILETRIGGERVERSION", Class::Text), (5072, "FILETRIGGERFLAGS", Class::Int32),
    (5076, "TRANSFILETRIGGERSCRIPTS", Class::Text), (5077, "TRANSFILETRIGGERSCRIPTPROG", Class::Text),
    (5078, "TRANSFILETRIGGERSCRIPTFLAGS", Class::Int32), (5079, "TRANSFILETRIGGERNAME", Class::Text),
    (5080, "TRANSFILETRIGGERINDEX", Class::Int32), (5081, "TRANSFILETRIGGERVERSION", Class::Text),
    (5082, "TRANSFILETRIGGERFLAGS", Class::Int32), (5084, "FILETRIGGERPRIORITIES", Class::Int32),
    (5085, "TRANSFILETRIGGERPRIORITIES", Class::Int32), (5090, "FILESIGNATURES", Class::Text),
    (5091, "FILESIGNATURELENGTH", Class::Int32), (5092, "PAYLOADSHA256", Class::Text),
    (5093, "PAYLOADSHA256ALGO", Class::Int32), (5094, "AUTOINSTALLED", Class::Int32),
    (5095, "IDENTITY", Class::Text), (5096, "MODULARITYLABEL", Class::Text),
    (5097, "PAYLOADSHA256ALT", Class::Text), (5099, "SPEC", Class::Text),
    (5100, "TRANSLATIONURL", Class::Text), (5101, "UPSTREAMRELEASES", Class::Text),
    (5103, "PREUNTRANS", Class::Text), (5104, "POSTUNTRANS", Class::Text),
    (5105, "PREUNTRANSPROG", Class::Text), (5106, "POSTUNTRANSPROG", Class::Text),
    (5107, "PREUNTRANSFLAGS", Class::Int32), (5108, "POSTUNTRANSFLAGS", Class::Int32),
    (5109, "SYSUSERS", Class::Text), (5112, "PAYLOADSIZE", Class::Int64),
    (5113, "PAYLOADSIZEALT", Class::Int64), (5114, "RPMFORMAT", Class::Int32),
    (5115, "FILEMIMEINDEX", Class::Int32), (5116, "MIMEDICT", Class::Text),
    (5118, "PACKAGEDIGESTS", Class::Text), (5119, "PACKAGEDIGESTALGOS", Class::Int32),
    (5120, "SOURCENEVR", Class::Text), (5121, "PAYLOADSHA512", Class::Text),
    (5122, "PAYLOADSHA512ALT", Class::Text), (5123, "PAYLOADSHA3_256", Class::Text),
    (5124, "PAYLOADSHA3_256ALT", Class::Text),
];
