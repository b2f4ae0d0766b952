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
	/* The key of the two Ed25519 types.  Of others, SHA-256 of the key, or
	 * the key where it too has 32 bytes: good only to tell keys apart. */
	uint8_t key[SAKSI_KEY_LEN];
};

/* Not empty, UTF-8, no Unicode space, no '+', no control byte? */
bool saksi_keyname_ok(struct saksi_bytes name);

/* The first four bytes of SHA-256(name || '\n' || type || key), big-endian. */
uint32_t saksi_vkey_id(struct saksi_bytes name, uint8_t type,
		       const uint8_t key[SAKSI_KEY_LEN]);
/* "name+hex+base64", no newline.  MALFORMED (also when the id is not the
 * key's); NEWER for a signature type Saksi has no use for; LIMIT (name longer
 * than SAKSI_NAME_MAX, key longer than 4095 bytes). */
SAKSI_MUST enum saksi_err
saksi_vkey_read(struct saksi_bytes text, struct saksi_vkey *out, struct saksi_fault *f);
/* The same, but a key of any type is OK: a policy has to name keys that this
 * program cannot use.  Only the ids of the three known types are checked. */
SAKSI_MUST enum saksi_err saksi_vkey_read_any(struct saksi_bytes text,
					      struct saksi_vkey *out,
					      struct saksi_fault *f);
/* Keys of the two Ed25519 types only (so for all below). */
void saksi_vkey_write(const struct saksi_vkey *k, struct saksi_buf *out);
/* Fills id from the rest.  MALFORMED: a name the spec does not allow, or longer
 * than SAKSI_NAME_MAX.  BADARG: another type. */
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
 * MALFORMED with byte and line, LIMIT, NOMEM.
 * Test: tests/unit/note/note_test.c */
SAKSI_MUST enum saksi_err saksi_note_read(struct saksi_bytes all, struct saksi_arena *a,
					  struct saksi_note *out,
					  struct saksi_fault *f);

/* What the note's lines say of key k: prepares the check of the one line with
 * its name and id.  OK: *check is ready (message may lie in `a`; *time_utc is
 * the cosignature's time or 0).  MISSING: no such line.  MALFORMED: such a line
 * with a signature of wrong length or time (0, or above 2^63 - 1), or two such
 * lines.  NOMEM.  BADARG: k is of neither Ed25519 type. */
SAKSI_MUST enum saksi_err saksi_note_check_for(const struct saksi_note *n,
					       const struct saksi_vkey *k,
					       struct saksi_arena *a,
					       struct saksi_sigcheck *check,
					       uint64_t *time_utc);

/* Is this line by this name and id?  Says nothing of the signature. */
bool saksi_note_sig_is_by(const struct saksi_note_sig *s, const struct saksi_vkey *k);

/* What a cosigner signs: the header and time lines, then the checkpoint's text.
 * At most SAKSI_COSIGNED_EXTRA bytes longer than the text. */
#define SAKSI_COSIGNED_EXTRA 48
void saksi_cosigned_write(struct saksi_bytes text, uint64_t time_utc,
			  struct saksi_buf *out);

/* Appends "— name base64\n". `sig` already holds what follows the key id. */
void saksi_note_sig_write(const struct saksi_vkey *k, struct saksi_bytes sig,
			  struct saksi_buf *out);

/* ---- not in WebAssembly: signing (note/noteseal.c) */

/* A key file's line: PRIVATE+KEY+name+hexid+base64(type || seed), as the Go
 * note package writes it; one newline may follow.  The text and the signer are
 * secrets; free the signer.  k->name borrows text.  MALFORMED, NOMEM, NEWER for
 * another type. */
SAKSI_MUST enum saksi_err saksi_skey_read(struct saksi_bytes text, struct saksi_vkey *k,
					  struct saksi_signer **signer,
					  struct saksi_fault *f);
/* Without a newline. */
void saksi_skey_write(const struct saksi_vkey *k, const struct saksi_signer *s,
		      struct saksi_buf *out);
/* Sign `text` (ends in newline) with an ED25519 key: appends one line. */
void saksi_note_sign(struct saksi_bytes text, const struct saksi_vkey *k,
		     const struct saksi_signer *s, struct saksi_buf *out);
/* Cosign a checkpoint body at a time (> 0) with a COSIGNATURE key: appends one
 * line, or sets out->full. */
void saksi_note_cosign(struct saksi_bytes text, uint64_t time_utc,
		       const struct saksi_vkey *k, const struct saksi_signer *s,
		       struct saksi_buf *out);

#endif
