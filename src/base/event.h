/* One event, one line, for programs that read logs.  Pure: bytes in, bytes out.
 * Names of events and keys are stable: docs/OPERATING.md lists them.
 * Test: tests/unit/base/event_test.c */
#ifndef SAKSI_BASE_EVENT_H
#define SAKSI_BASE_EVENT_H

#include "base/buf.h"

/* The numbers are those of syslog, which the journal reads as "<N>". */
enum saksi_level {
	SAKSI_LEVEL_ERROR = 3,
	SAKSI_LEVEL_WARNING = 4,
	SAKSI_LEVEL_NOTICE = 5,
	SAKSI_LEVEL_INFO = 6,
};
enum saksi_event_form { SAKSI_EVENT_LOGFMT, SAKSI_EVENT_JSON };

struct saksi_event_field {
	const char *key;  /* a-z and _ */
	const char *text; /* any bytes; NULL: the number */
	uint64_t number;
};
struct saksi_event {
	enum saksi_level level;
	const char *name; /* a-z and _ */
	int64_t time_utc; /* 0: left out */
	const char *says; /* for a person; NULL: left out */
	const struct saksi_event_field *fields;
	size_t field_count;
};
/* Appends one line with its newline: level, event, fields as given, says last.
 *   level=info event=published size=12 says="published size 12"
 *   {"level":"info","event":"published","size":12,"says":"published size 12"}
 * Control bytes and what is no UTF-8 come out as \xNN, so one event stays one line
 * and no text can look like another event. */
void saksi_event_write(const struct saksi_event *e, enum saksi_event_form form,
		       struct saksi_buf *out);

#endif
