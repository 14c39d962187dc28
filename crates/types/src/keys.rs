//! The yard's signing keys as the log knows them: public halves, and what each is there for.

use serde::{Deserialize, Serialize};

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyUse {
    /// Release files.
    Apt,
    /// repomd.xml and packages.
    Yum,
}

impl KeyUse {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Apt, Self::Yum];

    /// As the command line and the API say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apt => "apt",
            Self::Yum => "yum",
        }
    }
}

/// Where in its life a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyState {
    /// It signs everything.
    Current,
    /// It signs index files beside the current one, and takes its place when the rotation is finished.
    Next,
    /// It signs no more, and is handed out for what it has signed.
    Former,
}

impl KeyState {
    /// Whether it signs index files.
    pub fn signs(self) -> bool {
        self != Self::Former
    }

    /// As the API says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
            Self::Former => "former",
        }
    }
}

/// A key that is published beside the current ones.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OtherKey {
    /// What it signs, or has signed.
    #[serde(rename = "for")]
    pub signs: KeyUse,
    /// `next` or `former`.
    #[serde(rename = "is")]
    pub state: KeyState,
    /// The public half, armoured.
    pub key: String,
}

/// All keys that are published.
///
/// - Of each use there is exactly one current key, and at most one next.
/// - A key that is not here any more was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct YardKeys {
    /// Signs apt's Release files; armoured OpenPGP.
    pub apt: String,
    /// RSA, signs repomd.xml and packages; armoured OpenPGP.
    pub rpm: String,
    /// The others, those that sign first, then the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherKey>,
}

impl YardKeys {
    /// The current pair and nothing else.
    pub fn new(apt: String, rpm: String) -> Self {
        Self {
            apt,
            rpm,
            others: Vec::new(),
        }
    }

    /// The keys of a use, the current one first.
    pub fn of(&self, signs: KeyUse) -> impl Iterator<Item = (KeyState, &str)> {
        let current = match signs {
            KeyUse::Apt => &self.apt,
            KeyUse::Yum => &self.rpm,
        };
        let others = self.others.iter().filter(move |o| o.signs == signs);
        std::iter::once((KeyState::Current, current.as_str()))
            .chain(others.map(|o| (o.state, o.key.as_str())))
    }

    /// All keys.
    pub fn all(&self) -> impl Iterator<Item = (KeyUse, KeyState, &str)> {
        KeyUse::ALL
            .into_iter()
            .flat_map(|signs| self.of(signs).map(move |(state, key)| (signs, state, key)))
    }

    /// The keys that sign with the current ones.
    pub fn next(&self) -> impl Iterator<Item = &OtherKey> {
        self.others.iter().filter(|o| o.state == KeyState::Next)
    }

    /// With these keys signing too.
    #[must_use]
    pub fn rotating(mut self, next: impl IntoIterator<Item = (KeyUse, String)>) -> Self {
        let next = next.into_iter().map(|(signs, key)| OtherKey {
            signs,
            state: KeyState::Next,
            key,
        });
        self.others.splice(0..0, next.collect::<Vec<_>>());
        self
    }

    /// With the next keys in the place of the current ones, which are former ones from now on.
    #[must_use]
    pub fn rotated(mut self) -> Self {
        for other in self.others.iter_mut().filter(|o| o.state == KeyState::Next) {
            let current = match other.signs {
                KeyUse::Apt => &mut self.apt,
                KeyUse::Yum => &mut self.rpm,
            };
            std::mem::swap(current, &mut other.key);
            other.state = KeyState::Former;
        }
        self
    }

    /// Without the keys that this says of.
    #[must_use]
    pub fn without(mut self, gone: impl Fn(&OtherKey) -> bool) -> Self {
        self.others.retain(|o| !gone(o));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(keys: &YardKeys, signs: KeyUse) -> Vec<(KeyState, &str)> {
        keys.of(signs).collect()
    }

    #[test]
    fn a_rotation_is_two_steps_and_keeps_the_old_key_published() {
        let keys = YardKeys::new("a1".into(), "r1".into());
        let both = keys.clone().rotating([(KeyUse::Apt, "a2".to_owned())]);
        let expected = [(KeyState::Current, "a1"), (KeyState::Next, "a2")];
        assert_eq!(states(&both, KeyUse::Apt), expected);
        assert_eq!(states(&both, KeyUse::Yum), [(KeyState::Current, "r1")]);
        let done = both.rotated();
        let expected = [(KeyState::Current, "a2"), (KeyState::Former, "a1")];
        assert_eq!(states(&done, KeyUse::Apt), expected);
        assert_eq!(
            done.without(|o| o.key == "a1"),
            YardKeys::new("a2".into(), "r1".into())
        );
    }

    #[test]
    fn what_was_written_before_there_were_rotations_is_read() {
        let old: YardKeys = serde_json::from_str(r#"{"apt":"a","rpm":"r"}"#).unwrap();
        assert_eq!(old, YardKeys::new("a".into(), "r".into()));
        assert_eq!(serde_json::to_string(&old).unwrap(), r#"{"apt":"a","rpm":"r"}"#);
    }
}
