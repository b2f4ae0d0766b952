/* The version of the program and of the library; the Makefile reads it from here. */
#ifndef SAKSI_BASE_VERSION_H
#define SAKSI_BASE_VERSION_H

#define SAKSI_VERSION "0.1.0"
#define SAKSI_VERSION_DATE "November 22, 2026"

#endif
