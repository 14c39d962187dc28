//! Which private keys a node has, and which of them sign: that is for the log to say.

use super::{KeySet, Keys, KeysError};
use packyard_types::{KeyUse, YardKeys};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// The private keys of a node. Another process may bring more into the directory while this one runs.
#[derive(Debug)]
pub struct KeyRing {
    dir: PathBuf,
    /// Whether somebody else keeps them: then none is written to the disk.
    given: bool,
    held: RwLock<KeySet>,
    /// What signs, as it was asked for last.
    signing: Mutex<Option<(YardKeys, Arc<Keys>)>>,
}

impl KeyRing {
    /// The keys of `dir`, which is `DIR/keys`, and those that were given.
    pub fn new(dir: PathBuf, held: KeySet, given: bool) -> Self {
        Self {
            dir,
            given,
            held: RwLock::new(held),
            signing: Mutex::default(),
        }
    }

    /// All private keys that are at hand.
    pub fn held(&self) -> KeySet {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether somebody else keeps them.
    pub fn is_given(&self) -> bool {
        self.given
    }

    /// Looks into the directory again.
    pub fn reload(&self) -> Result<KeySet, KeysError> {
        let loaded = KeySet::load(&self.dir)?.unwrap_or_default();
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // What was taken out of the directory is gone for this process too.
        *held = if self.given || loaded.is_empty() {
            held.clone().with(&loaded)
        } else {
            loaded
        };
        Ok(held.clone())
    }

    /// Keeps more keys, in the directory.
    pub fn add(&self, keys: &KeySet) -> Result<(), KeysError> {
        keys.add(&self.dir)?;
        self.reload().map(drop)
    }

    /// Takes a key away that was added, from the directory too.
    pub fn remove(&self, signs: KeyUse, fingerprint: &str) -> Result<(), KeysError> {
        if self.given {
            return Ok(());
        }
        KeySet::remove(&self.dir, signs, fingerprint)?;
        self.reload().map(drop)
    }

    /// The keys that sign, when these are the yard's.
    pub fn signing(&self, yard: &YardKeys) -> Result<Arc<Keys>, KeysError> {
        let mut signing = self.signing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, keys)) = &*signing
            && known == yard
        {
            return Ok(Arc::clone(keys));
        }
        let keys = match Keys::of(&self.held(), yard) {
            // Somebody may have begun a rotation beside this process.
            Err(KeysError::Lacking { .. }) => Keys::of(&self.reload()?, yard)?,
            other => other?,
        };
        let keys = Arc::new(keys);
        *signing = Some((yard.clone(), Arc::clone(&keys)));
        Ok(keys)
    }
}
