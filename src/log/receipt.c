/* Receipts and addenda: what a submitter gets, and what he may bring after. */
#include <errno.h>
#include <string.h>

#include "log/inside.h"
#include "store/files.h"

#define RECEIPT_MAX 2048

enum saksi_err saksi_log_receipt(const struct saksi_log *l, const struct saksi_add *a,
				 struct saksi_buf *out)
{
	struct saksi_receipt r = {l->config.origin, a->index, a->leaf, a->time_utc,
				  a->time_utc + (int64_t)l->config.promise_s};
	uint8_t room[RECEIPT_MAX];
	struct saksi_buf note = saksi_buf_fixed(room, sizeof(room));
	struct saksi_bytes text;

	saksi_receipt_write(&r, &note);
	text = saksi_buf_bytes(&note);
	saksi_buf_puts(&note, "\n");
	saksi_note_sign(text, &l->receipt_key, l->receipt_signer, &note);
	SAKSI_TRY(saksi_buf_check(&note));
	saksi_buf_put(out, saksi_buf_bytes(&note));
	return saksi_buf_check(out);
}

static enum saksi_err keep(struct saksi_log *l, struct saksi_bytes addendum,
			   const struct saksi_hash *digest)
{
	char path[SAKSI_ADDENDUM_PATH_LEN], folder[SAKSI_ADDENDUM_PATH_LEN];
	enum saksi_err err;
	bool received;

	SAKSI_TRY(saksi_state_named(l->addenda, digest, &received));
	saksi_addendum_path(digest, path);
	memcpy(folder, path, sizeof(folder));
	*strrchr(folder, '/') = '\0';
	SAKSI_TRY(saksi_dir_make(l->pub, folder, 0755));
	/* Written again although received: public/ may have lost it. */
	err = saksi_file_replace(l->pub, path, addendum, 0644);
	if (err == SAKSI_OK && !received)
		err = saksi_state_received(l->addenda, digest);
	return err;
}

enum saksi_err saksi_log_addendum(struct saksi_log *l, struct saksi_bytes addendum,
				  struct saksi_hash *digest)
{
	struct saksi_hash h;
	enum saksi_err err;

	if (l->config.open)
		return SAKSI_MISSING;
	if (addendum.len > l->config.addendum_mib << 20)
		return SAKSI_LIMIT;
	h = saksi_hash_of(addendum);
	(void)pthread_mutex_lock(&l->addenda_lock);
	err = keep(l, addendum, &h);
	(void)pthread_mutex_unlock(&l->addenda_lock);
	if (err == SAKSI_OK)
		*digest = h;
	return err;
}
