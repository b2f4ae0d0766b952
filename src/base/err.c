#include "base/err.h"

enum saksi_err saksi_fault_set(struct saksi_fault *f, enum saksi_err err,
			       const char *what, size_t at, uint32_t line)
{
	if (f != NULL)
		*f = (struct saksi_fault){.what = what, .at = at, .line = line};
	return err;
}

const char *saksi_err_name(enum saksi_err err)
{
	switch (err) {
	case SAKSI_OK:
		return "holds";
	case SAKSI_REFUSED:
		return "refused";
	case SAKSI_QUORUM:
		return "quorum not met";
	case SAKSI_SPLIT:
		return "split view";
	case SAKSI_MALFORMED:
		return "malformed";
	case SAKSI_NEWER:
		return "newer version";
	case SAKSI_STALE:
		return "stale";
	case SAKSI_MISSING:
		return "missing";
	case SAKSI_LIMIT:
		return "too large";
	case SAKSI_BUSY:
		return "busy";
	case SAKSI_NOMEM:
		return "out of memory";
	case SAKSI_IO:
		return "system error";
	case SAKSI_BADARG:
		return "wrong use";
	}
	return "unknown error";
}

int saksi_err_exit(enum saksi_err err)
{
	switch (err) {
	case SAKSI_OK:
		return 0;
	case SAKSI_REFUSED:
	case SAKSI_MALFORMED:
		return 1;
	case SAKSI_QUORUM:
		return 4;
	case SAKSI_SPLIT:
		return 5;
	case SAKSI_NEWER:
	case SAKSI_STALE:
	case SAKSI_MISSING:
	case SAKSI_LIMIT:
	case SAKSI_BUSY:
	case SAKSI_NOMEM:
	case SAKSI_IO:
	case SAKSI_BADARG:
		return 3;
	}
	return 3;
}
