/* The version of this program; the Makefile reads it from here. */
#ifndef SAKSI_CMD_VERSION_H
#define SAKSI_CMD_VERSION_H

#define SAKSI_VERSION "0.1.0"
#define SAKSI_VERSION_DATE "November 22, 2026"

#endif
