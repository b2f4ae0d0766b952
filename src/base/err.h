/* The one way this code reports trouble. */
#ifndef SAKSI_BASE_ERR_H
#define SAKSI_BASE_ERR_H

#include <stddef.h>
#include <stdint.h>

#define SAKSI_MUST __attribute__((warn_unused_result))

/* Three answers stay apart everywhere: it holds (OK), it is false (REFUSED,
 * QUORUM, SPLIT), cannot tell (all the rest).  See saksi_err_exit. */
enum saksi_err {
	SAKSI_OK = 0,
	SAKSI_REFUSED,   /* read well, checked, and false */
	SAKSI_QUORUM,    /* signed, but by too few of those the policy asks for */
	SAKSI_SPLIT,     /* two signed views that cannot both be true */
	SAKSI_MALFORMED, /* cannot be read as the format says: proves nothing */
	SAKSI_NEWER,     /* a version that this program does not know */
	SAKSI_STALE,     /* true once; too old to answer "is this the latest?" */
	SAKSI_MISSING,   /* what is needed to tell is not here */
	SAKSI_LIMIT,     /* larger than a stated bound */
	SAKSI_BUSY,      /* somebody else holds it, or too much at once: try later */
	SAKSI_NOMEM,
	SAKSI_IO,     /* the system said no; errno or saksi_why holds the reason */
	SAKSI_BADARG, /* the caller broke the contract in the header */
};

/* Where and why reading failed.  Pure rooms fill this; `what` is a static
 * string, so nobody owns it.  A function given a NULL fault fills nothing. */
struct saksi_fault {
	const char *what;
	size_t at;     /* byte offset in what was read */
	uint32_t line; /* 1-based line, 0 where lines mean nothing */
};

/* Sets *f (when not NULL) and gives `err` back, so that a parser can say
 * return saksi_fault_set(f, SAKSI_MALFORMED, "no final newline", at, 0); */
enum saksi_err saksi_fault_set(struct saksi_fault *f, enum saksi_err err,
			       const char *what, size_t at, uint32_t line);

/* One line for a person: what and where, what to do.  Rooms with I/O fill
 * this.  Never holds anything personal or secret. */
struct saksi_why {
	char text[512];
};

/* Formats into w (NULL: nothing happens), cut at the end of the room for it;
 * gives `err` back. */
__attribute__((format(printf, 3, 4))) enum saksi_err
saksi_why_set(struct saksi_why *w, enum saksi_err err, const char *format, ...);

/* "refused", "quorum not met", ... : one or two English words, static. */
const char *saksi_err_name(enum saksi_err err);

/* The answer as the exit code of the command line (docs/FORMATS.md):
 * 0 it holds, 1 it is false, 3 cannot tell, 4 quorum not met, 5 split view.
 * MALFORMED keeps its own meaning inside the code (it is nobody's guilt), but at
 * the exit it is 1: damaged bytes are false as what they claim to be. */
int saksi_err_exit(enum saksi_err err);

/* The only macro in this code that hides control flow. */
#define SAKSI_TRY(call)                                                                \
	do {                                                                           \
		enum saksi_err try_ = (call);                                          \
		if (try_ != SAKSI_OK)                                                  \
			return try_;                                                   \
	} while (0)

#endif
