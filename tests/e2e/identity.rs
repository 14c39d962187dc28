//! The wheel, the .deb and the .rpm of one release are one version of one project, whoever built and sent them.
