#![no_main]

packyard_fuzz::fuzz!(wheel_file);
