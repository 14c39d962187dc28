//! From a project and its changelog to an sdist, a wheel, a .deb and an .rpm
