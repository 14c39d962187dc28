#![no_main]

packyard_fuzz::fuzz!(tar_headers);
