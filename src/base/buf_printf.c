#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* For what does not fit on the stack; `len` is without the NUL. */
__attribute__((format(printf, 3, 0))) static void
print_long(struct saksi_buf *b, size_t len, const char *format, va_list args)
{
	char *text = malloc(len + 1);

	if (text == NULL || vsnprintf(text, len + 1, format, args) < 0)
		b->full = true;
	else
		saksi_buf_put(b, (struct saksi_bytes){(const uint8_t *)text, len});
	free(text);
}

void saksi_buf_printf(struct saksi_buf *b, const char *format, ...)
{
	char text[512];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n < 0) {
		b->full = true;
	} else if ((size_t)n < sizeof text) {
		saksi_buf_put(b, (struct saksi_bytes){(uint8_t *)text, (size_t)n});
	} else {
		va_start(args, format);
		print_long(b, (size_t)n, format, args);
		va_end(args);
	}
}
