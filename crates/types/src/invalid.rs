//! Why a string is not what it claims to be.

/// A value that a parser of this crate refused: what it should have been, the value, the rule, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not a valid {noun}: {rule}")]
pub struct Invalid {
    /// What the value should have been: "channel name", "digest".
    pub noun: &'static str,
    /// The value as it was given, shortened when it is very long.
    pub value: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl Invalid {
    /// Refuses `value` as a `noun` because of `rule`.
    pub fn new(noun: &'static str, value: &str, rule: impl Into<String>) -> Self {
        const SHOWN: usize = 200;
        let shown: String = value.chars().take(SHOWN).flat_map(char::escape_debug).collect();
        Self {
            noun,
            value: shown,
            rule: rule.into(),
        }
    }
}

/// Gives a validated string type its conversions: `FromStr`, `TryFrom<String>`, `Display`, `AsRef<str>`, serde.
/// The type provides `fn parse(&str) -> Result<Self, Invalid>` and keeps its text in field 0.
macro_rules! string_type {
    ($type:ident) => {
        impl $type {
            /// The text, in its canonical spelling.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::str::FromStr for $type {
            type Err = $crate::Invalid;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Self::parse(s)
            }
        }
        impl TryFrom<String> for $type {
            type Error = $crate::Invalid;
            fn try_from(s: String) -> Result<Self, Self::Error> {
                Self::parse(&s)
            }
        }
        impl From<$type> for String {
            fn from(v: $type) -> String {
                v.0
            }
        }
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}
pub(crate) use string_type;
