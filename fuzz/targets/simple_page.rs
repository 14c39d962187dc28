#![no_main]

packyard_fuzz::fuzz!(simple_page);
