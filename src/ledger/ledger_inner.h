/* What the ledger's files share; nobody outside this room includes it. */
#ifndef SAKSI_LEDGER_LEDGER_INNER_H
#define SAKSI_LEDGER_LEDGER_INNER_H

#include "ledger/ledger.h"

/* ---- the table behind all lookups: (tag, bytes) -> thing.  Open addressing,
 * at most half full, grown by doubling within the arena. */
enum saksi_tag {
	SAKSI_TAG_STATEMENT = 'E', /* id -> struct saksi_record */
	SAKSI_TAG_NUMBER = 'Q',    /* author, number -> struct saksi_seen */
	SAKSI_TAG_AUTHOR = 'A',    /* name -> struct saksi_ledger_author */
	SAKSI_TAG_KEY = 'K',       /* keyid -> struct saksi_ledger_key */
	SAKSI_TAG_NONCE = 'N',     /* nonce -> the plan's struct saksi_record */
	SAKSI_TAG_SERVER = 'S',    /* pseudonym -> struct saksi_ledger_server */
	SAKSI_TAG_ROOT = 'R',      /* keyid of a root that was replaced -> the ledger */
};
struct saksi_hash saksi_table_key(enum saksi_tag tag, struct saksi_bytes what);
struct saksi_hash saksi_table_number(struct saksi_bytes author, uint64_t sequence);
void *saksi_table_get(const struct saksi_ledger *l, const struct saksi_hash *key);
/* Makes room for `more` puts.  LIMIT; the table is then as it was. */
SAKSI_MUST enum saksi_err saksi_table_reserve(struct saksi_ledger *l, size_t more);
/* Replaces; room must have been reserved. */
void saksi_table_put(struct saksi_ledger *l, const struct saksi_hash *key, void *value);

/* A statement signed under this author and number. */
struct saksi_seen {
	struct saksi_hash id;
	bool taken; /* it is the one in the author's chain */
	struct saksi_seen *next;
};
/* Every key that an author had or that was revoked. */
struct saksi_ledger_key {
	uint8_t key[SAKSI_KEY_LEN];
	struct saksi_ledger_author *author; /* NULL: revoked, never given */
	uint64_t revoked_from;              /* UINT64_MAX: not revoked */
};
struct saksi_ledger_server {
	const struct saksi_record *listed; /* the newest inventory with it */
	uint64_t plans;
};
struct saksi_ledger_inventory {
	const struct saksi_record *record;
	struct saksi_inventory inventory;
	const struct saksi_ledger_inventory *older;
};
struct saksi_ledger_told {
	struct saksi_alarm alarm;
	struct saksi_ledger_told *next;
};
/* Keeps the alarms in log order. */
void saksi_told_add(struct saksi_ledger *l, struct saksi_ledger_told *t);

/* ---- what judging an entry found; nothing is recorded yet */
struct saksi_judgement {
	enum saksi_err verdict;
	const char *reason;
	enum saksi_alarm_kind alarm; /* told when REFUSED or MALFORMED */
	bool equivocation;           /* told as well */
	bool repeat;
	bool revoked;    /* a signer's key was revoked before this entry */
	bool all_good;   /* every signature is */
	bool well_made;  /* rightly signed, attachments as signed: it was said */
	bool steps;      /* takes its author's next number */
	bool seen;       /* this very statement was said before */
	bool claims_too; /* a second end of `plan` */
	struct saksi_ledger_author *author;
	struct saksi_ledger_plan *plan;
	struct saksi_ledger_audit *audit;
	struct saksi_ledger_failure *failure;
	union saksi_body body; /* of the statement's kind, when OK and no repeat */
};
/* LIMIT of the arena only.  Changes nothing but the arena. */
SAKSI_MUST enum saksi_err saksi_ledger_judge(struct saksi_ledger *l,
					     const struct saksi_pending *p,
					     struct saksi_judgement *j);
/* The rules of the kind, for a statement that is well made. */
SAKSI_MUST enum saksi_err saksi_rules_judge(const struct saksi_ledger *l,
					    const struct saksi_pending *p,
					    struct saksi_judgement *j);
void saksi_judge_refuse(struct saksi_judgement *j, const char *reason);

/* The key with this id that may sign this statement now or once could; NULL. */
const uint8_t *saksi_ledger_key_of(const struct saksi_ledger *l,
				   const struct saksi_pending *p,
				   const struct saksi_hash *keyid);
struct saksi_ledger_key *saksi_ledger_key_find(const struct saksi_ledger *l,
					       const struct saksi_hash *keyid);
struct saksi_ledger_server *saksi_ledger_server_find(const struct saksi_ledger *l,
						     struct saksi_bytes name);
struct saksi_ledger_failure *saksi_failure_find(const struct saksi_ledger_audit *a,
						const struct saksi_hash *leaf);
/* From its acts, leaving out what no longer counts. */
void saksi_failure_derive(struct saksi_ledger_failure *f);

/* ---- recording */
SAKSI_MUST enum saksi_err saksi_ledger_record(struct saksi_ledger *l,
					      const struct saksi_pending *p,
					      const struct saksi_judgement *j,
					      struct saksi_record **out);
/* How many records the new revocations undo, and undoing them with that many
 * alarms. */
size_t saksi_revoked_count(const struct saksi_ledger *l, const struct saksi_keys *k);
void saksi_revoked_undo(struct saksi_ledger *l, struct saksi_ledger_told *told);

#endif
