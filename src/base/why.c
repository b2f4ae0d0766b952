#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

enum saksi_err saksi_why_set(struct saksi_why *w, enum saksi_err err,
			     const char *format, ...)
{
	va_list args;

	if (w == NULL)
		return err;
	va_start(args, format);
	if (vsnprintf(w->text, sizeof w->text, format, args) < 0)
		w->text[0] = '\0';
	va_end(args);
	return err;
}
