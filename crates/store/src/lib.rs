//! Blobs and the log over one object-store seam: local disk with fsync, memory, anything that `object_store` speaks.
