"""Models from one architecture to another: amd64, i386 (32 bits), arm64 and s390x (big-endian), as in Debian."""
