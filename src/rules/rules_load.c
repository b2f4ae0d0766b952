/* Rule sets from disk: the one part of the rules that does I/O. */
#include "rules/rules.h"

#include "store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct loading {
	struct saksi_rule_file file[SAKSI_RULE_FILES_MAX];
	size_t count;
	struct saksi_arena *arena;
	struct saksi_why *why;
	const char *path;
};

static struct saksi_bytes shown(const struct saksi_bytes b, size_t max)
{
	return (struct saksi_bytes){b.at, b.len < max ? b.len : max};
}

void saksi_rules_fault_say(const struct saksi_rules_fault *f, struct saksi_why *w)
{
	struct saksi_bytes file = shown(f->file, 200), near = shown(f->near, 60);
	const uint8_t *nl = near.at == NULL ? NULL : memchr(near.at, '\n', near.len);

	if (nl != NULL)
		near.len = (size_t)(nl - near.at);
	if (f->line == 0)
		(void)saksi_why_set(w, SAKSI_OK, "%s", f->what);
	else if (near.len == 0)
		(void)saksi_why_set(w, SAKSI_OK, "%.*s:%u:%u: %s", (int)file.len,
				    (const char *)file.at, f->line, f->column, f->what);
	else
		(void)saksi_why_set(w, SAKSI_OK, "%.*s:%u:%u: %s \"%.*s\"",
				    (int)file.len, (const char *)file.at, f->line,
				    f->column, f->what, (int)near.len,
				    (const char *)near.at);
}

static enum saksi_err one(struct loading *l, int dir, const char *name,
			  struct saksi_bytes shown_name)
{
	struct saksi_buf buf = saksi_buf_growing(SAKSI_RULE_FILE_LEN_MAX);
	enum saksi_err err = saksi_file_read(dir, name, false, &buf);
	struct saksi_rule_file *f = &l->file[l->count];

	if (err != SAKSI_OK) {
		(void)saksi_why_set(l->why, err, "%s: cannot be read as rules (%s)",
				    l->path, saksi_err_name(err));
		goto done;
	}
	f->name = saksi_arena_copy(l->arena, shown_name);
	f->text = saksi_bytes_of("");
	if (buf.len > 0)
		f->text = saksi_arena_copy(l->arena, saksi_buf_bytes(&buf));
	if (f->name.at == NULL || f->text.at == NULL)
		err = saksi_why_set(l->why, SAKSI_LIMIT, "%s: too large to read",
				    l->path);
	else
		l->count++;
done:
	saksi_buf_free(&buf);
	return err;
}

static bool wanted(const char *name)
{
	size_t n = strlen(name);

	return name[0] != '.' && n > 6 && strcmp(name + n - 6, ".rules") == 0;
}

static enum saksi_err folder(struct loading *l, DIR *d)
{
	enum saksi_err err = SAKSI_OK;

	for (struct dirent *e = readdir(d); e != NULL && err == SAKSI_OK;
	     e = readdir(d)) {
		if (!wanted(e->d_name))
			continue;
		if (l->count == SAKSI_RULE_FILES_MAX)
			return saksi_why_set(l->why, SAKSI_LIMIT,
					     "%s: more than 256 *.rules files",
					     l->path);
		err = one(l, dirfd(d), e->d_name, saksi_bytes_of(e->d_name));
	}
	if (err == SAKSI_OK && l->count == 0)
		return saksi_why_set(l->why, SAKSI_MISSING,
				     "%s: no *.rules file in this folder", l->path);
	return err;
}

static enum saksi_err gather(struct loading *l)
{
	const char *slash = strrchr(l->path, '/');
	enum saksi_err err;
	DIR *d = opendir(l->path);

	if (d != NULL) {
		err = folder(l, d);
		(void)closedir(d);
		return err;
	}
	if (errno != ENOTDIR)
		return saksi_why_set(l->why, errno == ENOENT ? SAKSI_MISSING : SAKSI_IO,
				     "%s: %s", l->path, strerror(errno));
	return one(l, AT_FDCWD, l->path,
		   saksi_bytes_of(slash == NULL ? l->path : slash + 1));
}

enum saksi_err saksi_rules_load(const char *path, struct saksi_arena *a,
				struct saksi_rules *out, struct saksi_why *w)
{
	struct loading l = {.arena = a, .why = w, .path = path};
	struct saksi_rules_fault fault;
	enum saksi_err err = gather(&l);

	if (err != SAKSI_OK)
		return err;
	err = saksi_rules_read(l.file, l.count, a, out, &fault);
	if (err != SAKSI_OK)
		saksi_rules_fault_say(&fault, w);
	return err;
}
