//! apt of Debian 12, which verifies with gpgv, and of Debian 13, which verifies with sqv.
