//! Rules for signing keys: what gpgv, sqv and rpm of today refuse, and what they will refuse soon.

use super::{KEY, Rule};
use crate::check::Severity;

rules! {
    UNREADABLE = Error KEY "key-unreadable" {
        "The file holds no OpenPGP key",
        "It is neither armour nor binary packets with a key at their head, or a packet in it is damaged.",
        "write it with `gpg --armor --export KEY`, or `--export-secret-keys` to import it",
        "RFC 9580, sections 6 and 10.1",
        [],
    }
    VERSION = Error KEY "key-version" {
        "The key is not of version 4",
        "Keys of version 3 are broken by construction and refused everywhere; those of version 6 are unknown to the gpgv \
            and rpm of every distribution of today.",
        "make a new key with `packyard key generate`, and rotate to it",
        "RFC 9580, section 5.5.2",
        [],
    }
    DSA = Error KEY "key-dsa" {
        "The key is a DSA key",
        "apt 3 (sqv) refuses signatures by DSA keys of any size since 2024-02-01, and the rpm of EL9 does too.",
        "make a new key with `packyard key generate`, and rotate to it",
        "apt's policy for sqv, default-sequoia.config",
        [],
    }
    RSA_TOO_SHORT = Error KEY "key-rsa-too-short" {
        "The key is an RSA key of less than 2048 bits",
        "apt 3 refuses it, by sqv as by gpgv, and so does the rpm of EL9.",
        "make a new key with `packyard key generate`, and rotate to it",
        "apt's policy for sqv, default-sequoia.config; apt, Assert-Pubkey-Algo",
        [],
    }
    RSA_SHORT = Warning KEY "key-rsa-short" {
        "The key is an RSA key of less than 3072 bits",
        "apt 3 takes RSA keys of 2048 bits until 2030-02-01, and warns of them already where it verifies with gpgv.",
        "rotate to a key of 3072 bits or more, or to Ed25519 for apt, in good time",
        "apt's policy for sqv, default-sequoia.config; apt, Assert-Pubkey-Algo Future",
        [],
    }
    ALGORITHM = Error KEY "key-algorithm" {
        "The key's algorithm is unknown to a client of today",
        "Ed448, the Ed25519 of RFC 9580 (algorithm 27), secp256k1 and anything newer cannot be verified by the gpgv of \
            Debian 12 or by rpm.",
        "use Ed25519 as gpg makes it (algorithm 22) for apt, RSA for rpm",
        "RFC 9580, section 9.1",
        [],
    }
    CURVE = Warning KEY "key-curve" {
        "The key is on a Brainpool curve",
        "apt 3 refuses them from 2028-02-01 on.",
        "rotate to Ed25519 in good time",
        "apt's policy for sqv, default-sequoia.config",
        [],
    }
    APT_ONLY = Info KEY "key-apt-only" {
        "The key can be used for apt only",
        "The rpm of EL8 and EL9 knows RSA alone: it can verify neither packages nor repomd.xml with this key.",
        "sign packages and repomd.xml with an RSA key; `packyard key generate` makes one of each",
        "rpm 4.14 and 4.16, rpmpgp.c",
        [],
    }
    NOT_RSA = Error KEY "key-not-rsa" {
        "A key that is to sign for yum is no RSA key",
        "The rpm of EL8 and EL9 knows RSA alone: it can verify neither packages nor repomd.xml with this key.",
        "give an RSA key of 3072 bits or more for yum",
        "rpm 4.14 and 4.16, rpmpgp.c",
        [],
    }
    WEAK_BINDING = Error KEY "key-weak-binding" {
        "No signature that binds the key to its user is strong",
        "What a key may do, and until when, is said by signatures of the key over itself. apt 3 disregards those that use \
            MD5, SHA-1 (since 2026-02-01), RIPEMD-160 or SHA-224, and those of version 3; the key is then bound to nothing, \
            however good the signature of the Release file is.",
        "bind it anew: gpg --cert-digest-algo SHA512 --quick-set-expire FINGERPRINT 0, then export it again and hand it \
            out again: those who have the old export go on failing",
        "apt's policy for sqv, default-sequoia.config",
        [],
    }
    WEAK_USER_ID = Warning KEY "key-weak-user-id" {
        "A user id of the key is bound by a weak signature alone",
        "apt 3 does not see that user id; another one, which is bound by a strong signature, keeps the key usable.",
        "bind it anew with a strong digest, or remove it: gpg --cert-digest-algo SHA512 --edit-key FINGERPRINT",
        "apt's policy for sqv, default-sequoia.config",
        [],
    }
    WEAK_SUBKEY = Warning KEY "key-weak-subkey" {
        "A signing subkey is bound by a weak signature",
        "apt 3 disregards it, and with it all that it has signed.",
        "sign with the primary key, or make a new subkey: gpg --cert-digest-algo SHA512 --quick-add-key FINGERPRINT rsa4096 sign",
        "apt's policy for sqv, default-sequoia.config",
        [],
    }
    UNBOUND = Error KEY "key-unbound" {
        "The key has no valid signature over itself",
        "Without a user id that the key itself has signed nobody imports it: it may have been cut down by a key server, or \
            damaged.",
        "export it again from where it was made",
        "RFC 9580, section 5.2.3.10",
        [],
    }
    EXPIRED = Error KEY "key-expired" {
        "The key has expired",
        "Every client refuses what it signs, also what it signed when it was valid.",
        "prolong it: gpg --quick-set-expire FINGERPRINT 0, then export it again and hand it out again",
        "RFC 9580, section 5.2.3.13",
        [],
    }
    EXPIRES = Warning KEY "key-expires" {
        "The key expires soon",
        "Clients keep the key as they got it. One that is prolonged later has to be handed out again to each of them \
            before that day; packyard's own keys do not expire, and are rotated instead.",
        "take the date away before it is handed out: gpg --quick-set-expire FINGERPRINT 0",
        "RFC 9580, section 5.2.3.13",
        [],
    }
    REVOKED = Error KEY "key-revoked" {
        "The key is revoked",
        "Every client refuses what it signs.",
        "make a new key with `packyard key generate`, and rotate to it",
        "RFC 9580, section 5.2.1",
        [],
    }
    CANNOT_SIGN = Error KEY "key-cannot-sign" {
        "Neither the key nor a subkey of it may sign",
        "Its flags allow certification or encryption only.",
        "make a key that may sign: gpg --quick-generate-key NAME rsa4096 sign never",
        "RFC 9580, section 5.2.3.29",
        [],
    }
    SIGNS_BY_SUBKEY = Error KEY "key-signs-by-subkey" {
        "A subkey signs, and not the key itself",
        "rpm before 4.18 looks for the primary key alone, and packyard signs with that: every client refuses a signature \
            by a part that may not sign.",
        "let the primary part sign (gpg --edit-key FINGERPRINT, then change-usage), export it again and hand it out \
            again; or rotate to a new key with `packyard key rotate`",
        "rpm 4.18 release notes",
        [],
    }
    FROM_THE_FUTURE = Error KEY "key-from-the-future" {
        "The key was made after today",
        "Clients refuse a key that is not valid yet. The clock was wrong where it was made, or is wrong here.",
        "set the clock, then make the key again",
        "RFC 9580, section 5.5.2",
        [],
    }
}
