//! Complete files as clients see them.
