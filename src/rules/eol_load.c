#include "rules/eol.h"

#include "store/files.h"

#include <stdio.h>
#include <fcntl.h>
#include <unistd.h>

#define TABLE_LEN_MAX (4U << 20)

/* The whole file, kept in the arena. */
static enum saksi_err whole(int dir, const char *name, struct saksi_arena *a,
			    struct saksi_bytes *out)
{
	struct saksi_buf buf = saksi_buf_growing(TABLE_LEN_MAX);
	enum saksi_err err = saksi_file_read(dir, name, false, &buf);

	if (err == SAKSI_OK && buf.len == 0)
		err = SAKSI_MALFORMED;
	if (err == SAKSI_OK) {
		*out = saksi_arena_copy(a, saksi_buf_bytes(&buf));
		if (out->at == NULL)
			err = SAKSI_LIMIT;
	}
	saksi_buf_free(&buf);
	return err;
}

static enum saksi_err say(struct saksi_why *w, enum saksi_err err, const char *where,
			  const struct saksi_fault *f)
{
	return saksi_why_set(w, err, "%s:%u: %s", where, f->line,
			     f->what == NULL ? saksi_err_name(err) : f->what);
}

/* Debian's own table is taken where it is; without it eol.tsv answers. */
static enum saksi_err distro(int dir, const char *product, struct saksi_arena *a,
			     struct saksi_eol *e, struct saksi_why *w)
{
	struct saksi_fault f = {0};
	struct saksi_bytes text;
	char name[32];
	enum saksi_err err;

	(void)snprintf(name, sizeof(name), "%s.csv", product);
	err = whole(dir, name, a, &text);
	if (err == SAKSI_MISSING)
		return SAKSI_OK;
	if (err == SAKSI_OK)
		err = saksi_eol_read_distro(text, product, a, e, &f);
	return err == SAKSI_OK ? SAKSI_OK : say(w, err, name, &f);
}

enum saksi_err saksi_eol_load(const char *tsv, const char *distro_dir,
			      struct saksi_arena *a, struct saksi_eol *e,
			      struct saksi_why *w)
{
	struct saksi_eol got = {0};
	struct saksi_fault f = {0};
	struct saksi_bytes text;
	enum saksi_err err;
	int dir;

	if (saksi_dir_open(distro_dir == NULL ? "/usr/share/distro-info" : distro_dir,
			   &dir) == SAKSI_OK) {
		err = distro(dir, "debian", a, &got, w);
		if (err == SAKSI_OK)
			err = distro(dir, "ubuntu", a, &got, w);
		(void)close(dir);
		if (err != SAKSI_OK)
			return err;
	}
	err = whole(AT_FDCWD, tsv, a, &text);
	if (err == SAKSI_OK)
		err = saksi_eol_read(text, a, &got, &f);
	if (err != SAKSI_OK)
		return say(w, err, tsv, &f);
	*e = got;
	return SAKSI_OK;
}
