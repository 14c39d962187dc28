#![no_main]

packyard_fuzz::fuzz!(deb_control);
