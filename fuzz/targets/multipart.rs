#![no_main]

packyard_fuzz::fuzz!(multipart);
