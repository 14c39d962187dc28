//! The use cases of a yard: publish, serve, list, fsck, reindex
