#![no_main]

packyard_fuzz::fuzz!(sdist_tar);
