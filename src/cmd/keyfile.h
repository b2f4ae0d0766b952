/* Key files.  Spec: docs/formats/keys.md. */
#ifndef SAKSI_CMD_KEYFILE_H
#define SAKSI_CMD_KEYFILE_H

#include "cmd/cmd.h"
#include "crypto/seal.h"
#include "note/note.h"

/* A signing key out of its file.  End with saksi_keyfile_end, which takes a
 * zeroed one too. */
struct saksi_keyfile {
	struct saksi_vkey vkey; /* its name borrows `name` */
	struct saksi_signer *signer;
	char name[SAKSI_NAME_MAX + 1];
};
/* type: which enum saksi_sig_type is wanted.  SAKSI_EXIT_HOLDS, or said what is
 * wrong with the file and SAKSI_EXIT_UNKNOWN; *out is then zeroed. */
int saksi_keyfile_open(const struct saksi_cmd *c, const char *path, uint8_t type,
		       struct saksi_keyfile *out);
void saksi_keyfile_end(struct saksi_keyfile *k);

/* A box key out of its file: wipe `secret` after use. */
struct saksi_boxfile {
	char name[SAKSI_NAME_MAX + 1];
	uint8_t secret[SAKSI_BOX_KEY_LEN], key[SAKSI_BOX_KEY_LEN];
};
int saksi_boxfile_open(const struct saksi_cmd *c, const char *path,
		       struct saksi_boxfile *out);

/* ---- the texts themselves, for tests and for `key new` */
/* "saksi-box-key 1\nname NAME\nsecret HEX\n".  MALFORMED, NEWER. */
SAKSI_MUST enum saksi_err saksi_boxfile_read(struct saksi_bytes text,
					     struct saksi_boxfile *out,
					     struct saksi_fault *f);
void saksi_boxfile_write(const struct saksi_boxfile *b, struct saksi_buf *out);
/* A signing key's file: the secret line and its newline.  MALFORMED, NEWER, LIMIT. */
SAKSI_MUST enum saksi_err saksi_keyfile_read(struct saksi_bytes text,
					     struct saksi_keyfile *k,
					     struct saksi_fault *f);

#endif
