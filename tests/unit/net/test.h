/* What every test program of this room starts with. */
#ifndef SAKSI_TEST_NET_H
#define SAKSI_TEST_NET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#endif
