#include "vault/vault.h"

#include "store/files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 200

/* Letters, digits, '-', '_' and inner '.': no path, no hidden file. */
static bool is_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

	return len >= 1 && len <= NAME_MAX_LEN && name[len] == '\0' && name[0] != '.';
}

static enum saksi_err file_name(const char *name, char out[NAME_MAX_LEN + 8],
				struct saksi_why *w)
{
	if (!is_name(name))
		return saksi_why_set(w, SAKSI_BADARG,
				     "a vault name has 1 to 200 letters, digits, "
				     "'-', '_' or '.', and no '.' in front");
	(void)snprintf(out, NAME_MAX_LEN + 8, "%s.vault", name);
	return SAKSI_OK;
}

enum saksi_err saksi_vault_put(int dir, const char *name, struct saksi_bytes object,
			       struct saksi_why *w)
{
	char file[NAME_MAX_LEN + 8];
	enum saksi_err err;

	SAKSI_TRY(file_name(name, file, w));
	err = saksi_file_create(dir, file, object, 0600);
	if (err == SAKSI_IO && errno == EEXIST)
		return saksi_why_set(w, err,
				     "%s is in the vault already; evidence is never "
				     "overwritten, so choose another name",
				     file);
	if (err == SAKSI_IO)
		return saksi_why_set(w, err, "cannot write %s to the vault: %s", file,
				     strerror(errno));
	return err;
}

enum saksi_err saksi_vault_get(int dir, const char *name, struct saksi_buf *out,
			       struct saksi_why *w)
{
	char file[NAME_MAX_LEN + 8];
	enum saksi_err err;

	SAKSI_TRY(file_name(name, file, w));
	err = saksi_file_read(dir, file, true, out);
	if (err == SAKSI_MISSING)
		return saksi_why_set(w, err,
				     "no %s in the vault; check the name and "
				     "which vault directory was given",
				     file);
	if (err == SAKSI_LIMIT)
		return saksi_why_set(w, err,
				     "%s is larger than the %zu bytes that "
				     "are read here",
				     file, out->max);
	if (err == SAKSI_IO)
		return saksi_why_set(w, err, "cannot read %s from the vault: %s", file,
				     strerror(errno));
	return err;
}
