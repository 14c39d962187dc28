#![no_main]

packyard_fuzz::fuzz!(rpm_payload);
