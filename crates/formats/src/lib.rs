//! Bytes to package and back: deb822, archives with limits, deb, rpm, wheel, sdist, core metadata, intake.
//!
//! | module | what it reads |
//! |---|---|
//! | [`intake`] | an uploaded file of any kind, into facts |
//! | [`deb`], [`dsc`], [`rpm`], [`wheel`], [`sdist`] | one kind of package each, whole |
//! | [`changes`] | what an upload of Debian packages says of itself |
//! | [`deb822`], [`openpgp`], [`core_metadata`] | the texts that describe packages, and what is signed of them |
//! | [`deb822`], [`core_metadata`] | the texts that describe packages |
//! | [`check`], [`inspect`] | what is wrong with a package, and what it holds |
//! | [`documents`] | comps.xml and updateinfo.xml that people write |
//! | [`repository`] | the indexes of other repositories, for import |
//! | [`archive`] | ar, tar, cpio and zip, with limits |
//! | [`jwt`] | tokens of OIDC issuers, and the keys that check them |
//! | [`elf`] | what programs and libraries need of others |
//! | [`nearest`] | the word that was meant, for hints |
//! | [`content`], [`entries`], [`tarball`], [`compress`] | what packages are written from |

pub mod archive;
pub mod changes;
pub mod check;
pub mod compress;
pub mod content;
pub mod core_metadata;
pub mod deb;
pub mod deb822;
pub mod documents;
pub mod dsc;
pub mod elf;
pub mod entries;
pub mod fault;
mod given;
mod hex;
pub mod inspect;
pub mod intake;
pub mod jwt;
pub mod nearest;
pub mod openpgp;
pub mod repository;
pub mod requirement;
pub mod rpm;
pub mod sdist;
pub mod tarball;
pub mod wheel;
