/* What the log's statements, read in order, add up to: who may say what, which
 * plan has its audit, what is open, due, overdue, missing or silent.  One pure
 * state that verify, monitor, the log's submitter check and the page all use. */
#ifndef SAKSI_LEDGER_LEDGER_H
#define SAKSI_LEDGER_LEDGER_H

#include "statement/entry.h"
#include "statement/envelope.h"
#include "statement/statement.h"

/* The author roots that a user pins, those of the log's first keys statement.
 * Lines "quorum K" and "root NAME HEX"; '#' comments.  MALFORMED with line. */
SAKSI_MUST enum saksi_err saksi_roots_read(struct saksi_bytes text,
					   struct saksi_roots *out,
					   struct saksi_fault *f);

/* The root with this id, or NULL. */
const uint8_t *saksi_roots_key(const struct saksi_roots *r,
			       const struct saksi_hash *keyid);
/* May a keys statement that `e` carries stand on the roots `now`?  NULL, or why
 * not: enough of them signed it and, where it replaces them by `next` (NULL: it
 * does not), enough of those too.  Who else signed, and whether the signatures
 * are good, is for the caller. */
const char *saksi_roots_enough(const struct saksi_roots *now,
			       const struct saksi_roots *next,
			       const struct saksi_envelope *e);

/* Times that judge; defaults by saksi_limits_default. All in seconds. */
struct saksi_limits {
	int64_t freshness_s;      /* 3 h: older checkpoints are STALE */
	int64_t silence_s;        /* grace on top of a declared heartbeat: 1 h */
	int64_t extension_max_s;  /* 90 days past disclose-by */
	int64_t acceptance_max_s; /* 730 days from the acceptance */
};
void saksi_limits_default(struct saksi_limits *l);
/* Lines "freshness 3h", "silence 1h", "extension 90d", "acceptance 730d"
 * (s m h d). Missing lines keep defaults.  MALFORMED with line. */
SAKSI_MUST enum saksi_err saksi_limits_read(struct saksi_bytes text,
					    struct saksi_limits *out,
					    struct saksi_fault *f);

/* One log entry as the ledger judged it. */
struct saksi_record {
	uint64_t index;
	enum saksi_err verdict; /* OK; REFUSED; MALFORMED; NEWER (signed well, kind
				   or version unknown); MISSING (a check unanswered) */
	const char *reason;     /* static; NULL when OK */
	bool repeat;            /* identical to an earlier one: harmless */
	bool revoked;           /* its key was revoked from its index on */
	struct saksi_hash id;   /* of the statement (payload) */
	struct saksi_statement statement; /* valid when the payload could be read */
	bool readable;
	uint8_t key[32];                 /* first signer accepted */
	struct saksi_hash entry;         /* SHA-256 of the entry's bytes */
	const struct saksi_hash *keyids; /* all its signers, when all were good */
	size_t keyid_count;
	bool stepped; /* it took its author's next number */
	/* what it is or is about, or NULL; zeroes for a repeat */
	struct saksi_ledger_author *author;
	struct saksi_ledger_plan *plan;
	struct saksi_ledger_audit *audit;
	struct saksi_record *next; /* in log order */
};

/* One disclosure, extension or acceptance of one failure. */
struct saksi_ledger_act {
	const struct saksi_record *record; /* does not count once revoked */
	int64_t until_utc;                 /* extension, acceptance */
	bool fixed;                        /* disclosure: says that it is fixed */
	enum saksi_err opened; /* disclosure: MISSING until its openings were seen,
				  then what saksi_ledger_openings gave */
	struct saksi_ledger_act *next;
};

struct saksi_ledger_failure {
	const struct saksi_failure *failure;
	int64_t due_utc; /* disclose-by, moved by extension or acceptance */
	const struct saksi_record *disclosed, *extended, *accepted; /* or NULL */
	enum saksi_err opened;         /* of `disclosed`: OK only when its openings were
					  checked; MISSING: disclosed, openings not seen */
	bool fixed;                    /* proven: a later passing leaf was opened */
	struct saksi_ledger_act *acts; /* all of the above come from these */
};
/* When it is due as of `now`: a postponement dated after `now` does not count. */
int64_t saksi_ledger_due(const struct saksi_ledger_failure *f, int64_t now);

struct saksi_ledger_audit {
	const struct saksi_record *record;
	struct saksi_audit audit;
	struct saksi_ledger_failure *failures; /* audit.failure_count */
	struct saksi_ledger_audit *next;       /* in log order */
};
struct saksi_ledger_plan {
	const struct saksi_record *record;
	struct saksi_plan plan;
	const struct saksi_ledger_audit *audit; /* or NULL */
	const struct saksi_record *abandoned;   /* or NULL */
	bool broken;           /* more than one audit or abandonment claims it */
	uint64_t extra_claims; /* those beyond the first */
	struct saksi_ledger_plan *next; /* in log order */
};
struct saksi_ledger_author {
	struct saksi_bytes name, role;
	uint8_t key[32], box[32];
	uint32_t kinds;
	const struct saksi_bytes *other_kinds;
	size_t other_count;
	uint64_t heartbeat_s;
	uint64_t next_sequence;
	struct saksi_hash last; /* id of its last statement */
	int64_t last_utc;       /* as the author says; 0: nothing yet */
	uint64_t last_index;    /* of that one, or of the keys that named it */
	int64_t since_utc;      /* of the keys statement that named it */
	bool active;            /* in the newest keys statement */
	struct saksi_ledger_author *next;
};
enum saksi_alarm_kind {
	SAKSI_ALARM_FALSE_ENTRY,  /* an entry no author had the right to, or that breaks
				     a rule */
	SAKSI_ALARM_GAP,          /* an author's numbers or chain skip */
	SAKSI_ALARM_EQUIVOCATION, /* one number, two statements, both signed */
	SAKSI_ALARM_NO_PLAN,      /* an audit without its plan */
	SAKSI_ALARM_TWO_AUDITS,   /* two ends for one plan */
	SAKSI_ALARM_SILENT_PLAN,  /* deadline passed, nothing followed */
	SAKSI_ALARM_OVERDUE,      /* a failure neither opened nor postponed in time */
	SAKSI_ALARM_SILENCE,      /* an author past its heartbeat */
	SAKSI_ALARM_REVOKED,      /* a well-signed entry of a revoked key */
	SAKSI_ALARM_UNAUDITED,    /* in the inventory, never planned */
};
const char *saksi_alarm_name(enum saksi_alarm_kind k); /* "false-entry", "gap", ... */
struct saksi_alarm {
	enum saksi_alarm_kind kind;
	uint64_t index;         /* the entry it is about */
	struct saksi_bytes who; /* author or server */
	const char *what;       /* static */
	int64_t since_utc;      /* 0 where it has no time */
};

struct saksi_ledger_slot {
	struct saksi_hash key;
	void *value; /* NULL: free */
};

/* Lists are in log order; what a revocation undid is no longer in `plans` and
 * `audits`. */
struct saksi_ledger {
	struct saksi_arena *arena;
	struct saksi_roots roots; /* in force: the pinned ones, or what replaced them */
	uint64_t rotations, rotated_at; /* how often replaced, by which entry last */
	struct saksi_limits limits;
	uint64_t size; /* entries applied */
	bool has_keys;
	bool newer_keys; /* a keys statement was newer than this program: every
			    entry after it is NEWER and time brings no alarm */
	struct saksi_record *records, *last_record;
	struct saksi_ledger_author *authors, *last_author;
	struct saksi_ledger_author root; /* the chain of the keys statements */
	struct saksi_ledger_plan *plans, *last_plan;
	struct saksi_ledger_audit *audits, *last_audit;
	const struct saksi_record *inventory_record; /* newest, or NULL */
	struct saksi_inventory inventory;
	/* inside: those found while applying, and the table behind all lookups */
	struct saksi_ledger_told *alarms, *last_alarm;
	const struct saksi_ledger_inventory *inventories;
	struct saksi_ledger_slot *slots;
	size_t slot_cap, slot_used;
};

void saksi_ledger_begin(struct saksi_ledger *l, struct saksi_arena *a,
			const struct saksi_roots *roots,
			const struct saksi_limits *limits);

/* ---- applying entry number l->size, in two steps so that signatures can be
 * checked elsewhere.  Lookups are by hash or sorted index inside: cost per
 * entry is log of what is there, not linear. */
struct saksi_pending {
	struct saksi_bytes raw;
	struct saksi_entry entry;
	struct saksi_envelope envelope;
	struct saksi_statement statement;
	const struct saksi_roots *roots; /* that it would put in force, or NULL */
	enum saksi_err read;             /* how reading went */
	struct saksi_fault fault;
	struct saksi_sigcheck checks[SAKSI_ENVELOPE_SIGS];
	size_t check_count;
};
/* Reads and prepares; never fails but by LIMIT of the arena (4 MiB of room are
 * always enough for one entry): what is wrong with an entry is kept for its
 * record.  Copies `entry` into the arena.  Apply one before preparing the next:
 * a keys statement between them would leave signatures MISSING. */
SAKSI_MUST enum saksi_err saksi_ledger_prepare(struct saksi_ledger *l,
					       struct saksi_bytes entry,
					       struct saksi_pending *p);
/* Judges and records.  *out (may be NULL) is the record.  LIMIT only, the ledger
 * is then as it was. */
SAKSI_MUST enum saksi_err saksi_ledger_apply(struct saksi_ledger *l,
					     struct saksi_pending *p,
					     const struct saksi_record **out);
/* Would this entry be accepted now?  For the log's submitters: OK, REFUSED,
 * MALFORMED, NEWER... with a reason; changes nothing but the arena, which may be
 * rewound to where it was before saksi_ledger_prepare. */
SAKSI_MUST enum saksi_err saksi_ledger_would(struct saksi_ledger *l,
					     struct saksi_pending *p,
					     const char **reason);
/* An addendum has been fetched: a disclosure's openings are checked against
 * their audit.  MISSING: this is no disclosure in force or names another
 * digest.  OK; REFUSED or MALFORMED (told as an alarm, and its failures count as
 * not disclosed); NEWER; LIMIT.  Gives the arena back what it took. */
SAKSI_MUST enum saksi_err saksi_ledger_openings(struct saksi_ledger *l,
						const struct saksi_record *disclosure,
						struct saksi_bytes addendum,
						struct saksi_fault *f);

/* All alarms as of `now`: calls `tell` for each, those found while applying
 * first, in log order, then those that time brings.  An instant of grace: what
 * is due at T alarms from T + 1. */
void saksi_ledger_alarms(const struct saksi_ledger *l, int64_t now,
			 void (*tell)(void *ctx, const struct saksi_alarm *a),
			 void *ctx);

const struct saksi_record *saksi_ledger_find(const struct saksi_ledger *l,
					     const struct saksi_hash *id);
/* The audit statement with this id that still counts, or NULL. */
const struct saksi_audit *saksi_ledger_audit_find(const struct saksi_ledger *l,
						  const struct saksi_hash *id);
const struct saksi_ledger_author *saksi_ledger_author_find(const struct saksi_ledger *l,
							   struct saksi_bytes name);

#endif
