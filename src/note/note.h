/* Signed notes.  Spec: c2sp.org/signed-note v1.0.0. */
#ifndef SAKSI_NOTE_NOTE_H
#define SAKSI_NOTE_NOTE_H

#include "base/arena.h"
#include "base/buf.h"
#include "crypto/sign.h"

#define SAKSI_NOTE_MAX (1U << 20) /* bytes in a note */
#define SAKSI_NOTE_SIGS_MAX 128   /* signature lines in a note */
#define SAKSI_NAME_MAX 255        /* bytes in a key name, ours */

/* Signature types of the spec that Saksi knows; others are read and skipped. */
enum saksi_sig_type {
	SAKSI_SIG_ED25519 = 0x01,
	SAKSI_SIG_COSIGNATURE = 0x04, /* Ed25519, with a time */
	SAKSI_SIG_MLDSA44 = 0x06,     /* read in a vkey and skipped */
};

/* A verifier key.  `name` borrows what was parsed. */
struct saksi_vkey {
	struct saksi_bytes name;
	uint32_t id;
	uint8_t type;
	uint8_t key[SAKSI_KEY_LEN]; /* only for the two Ed25519 types */
};

/* The first four bytes of SHA-256(name || '\n' || type || key), big-endian. */
uint32_t saksi_vkey_id(struct saksi_bytes name, uint8_t type,
		       const uint8_t key[SAKSI_KEY_LEN]);
/* "name+hex+base64", no newline.  MALFORMED (also when the id is not the
 * key's); NEWER for a signature type Saksi has no use for. */
SAKSI_MUST enum saksi_err
saksi_vkey_read(struct saksi_bytes text, struct saksi_vkey *out, struct saksi_fault *f);
void saksi_vkey_write(const struct saksi_vkey *k, struct saksi_buf *out);
/* Fills id from the rest.  MALFORMED: a name the spec does not allow. */
SAKSI_MUST enum saksi_err saksi_vkey_make(struct saksi_bytes name, uint8_t type,
					  const uint8_t key[SAKSI_KEY_LEN],
					  struct saksi_vkey *out);

/* A signature line. */
struct saksi_note_sig {
	struct saksi_bytes name;
	uint32_t id;
	struct saksi_bytes sig;  /* decoded, without the key id */
	struct saksi_bytes line; /* as it stands, with its newline */
};

struct saksi_note {
	struct saksi_bytes all;
	struct saksi_bytes text; /* with its final newline */
	const struct saksi_note_sig *sigs;
	size_t sig_count;
};

/* Split at the last blank line; strict UTF-8, no control bytes but newline,
 * canonical base64, valid names.  Borrows `all`; sigs live in `a`.
 * MALFORMED with the byte, LIMIT. */
SAKSI_MUST enum saksi_err saksi_note_read(struct saksi_bytes all, struct saksi_arena *a,
					  struct saksi_note *out,
					  struct saksi_fault *f);

/* What the note's lines say of key k: prepares the check of the one line with
 * its name and id.  OK: *check is ready (message may lie in `a`; *time_utc is
 * the cosignature's time or 0).  MISSING: no such line.  MALFORMED: such a line
 * with a signature of wrong length or time, or two such lines.  NOMEM. */
SAKSI_MUST enum saksi_err saksi_note_check_for(const struct saksi_note *n,
					       const struct saksi_vkey *k,
					       struct saksi_arena *a,
					       struct saksi_sigcheck *check,
					       uint64_t *time_utc);

/* Appends "— name base64\n". `sig` already holds what follows the key id. */
void saksi_note_sig_write(const struct saksi_vkey *k, struct saksi_bytes sig,
			  struct saksi_buf *out);

/* ---- not in WebAssembly: signing (note/noteseal.c) */

/* A key file's line: PRIVATE+KEY+name+hexid+base64(type || seed), as the Go
 * note package writes it.  The text and the signer are secrets. */
SAKSI_MUST enum saksi_err saksi_skey_read(struct saksi_bytes text, struct saksi_vkey *k,
					  struct saksi_signer **signer,
					  struct saksi_fault *f);
void saksi_skey_write(const struct saksi_vkey *k, const struct saksi_signer *s,
		      struct saksi_buf *out);
/* Sign `text` (ends in newline) with an ED25519 key: appends one line. */
void saksi_note_sign(struct saksi_bytes text, const struct saksi_vkey *k,
		     const struct saksi_signer *s, struct saksi_buf *out);
/* Cosign a checkpoint body at a time: appends one line. */
void saksi_note_cosign(struct saksi_bytes text, uint64_t time_utc,
		       const struct saksi_vkey *k, const struct saksi_signer *s,
		       struct saksi_buf *out);

#endif
